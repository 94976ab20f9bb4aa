/**
 * A producer thread and a consumer thread at a ring of bytes of the package `ringbuf.js`, which has no items and no waits: here all items
 * have one length and are copied into one array, and an end that has to wait polls, after a while with short sleeps in between.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { serveThread } from '../workers/crew.js';
import { getTimes, Items, putTimes, type Item } from '../workers/items.js';
import { itemArguments, QUEUE_CAPACITY, serveQueue, type QueueWork } from '../workers/pair.js';
import { itemsOf } from '../workers/serve.js';

interface Work extends QueueWork {
  readonly memory: SharedArrayBuffer;
}

const LOOKS_BEFORE_SLEEP = 100;
const SLEEP_MS = 0.05;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

if (isMainThread) await lead();
else follow(workerData as Work);

async function lead(): Promise<void> {
  const { type, length } = itemArguments();
  const memory = RingBuffer.getStorageForCapacity(QUEUE_CAPACITY * length, Uint8Array);
  await serveQueue(new URL(import.meta.url), (role) => ({ data: { memory, role, type, length } satisfies Work }));
}

function follow({ memory, role, type, length }: Work): void {
  const ring = new RingBuffer(memory, Uint8Array);
  const items = new Items(type, length);
  const taken = new Uint8Array(length);
  serveThread((request) => (role === 'produce' ? putTimes(itemsOf(request), items, put) : getTimes(itemsOf(request), items, get)));

  function put(item: Item): void {
    for (let looks = 0; ring.availableWrite() < length; looks++) pause(looks);
    ring.push(item as Uint8Array);
  }
  function get(): Item {
    for (let looks = 0; ring.availableRead() < length; looks++) pause(looks);
    ring.pop(taken);
    return taken;
  }
}

function pause(looks: number): void {
  if (looks >= LOOKS_BEFORE_SLEEP) Atomics.wait(sleeping, 0, 0, SLEEP_MS);
}
