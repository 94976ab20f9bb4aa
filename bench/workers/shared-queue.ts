/** A producer thread and a consumer thread at one queue in shared memory, one item per call. */
import { isMainThread, workerData } from 'node:worker_threads';
import { Arena, receive, share, type SharedQueue, type Transportable } from 'commonhold';
import { getTimes, Items, putTimes, type Item } from './items.js';
import { itemArguments, QUEUE_CAPACITY, serveQueue, type QueueWork } from './pair.js';
import { serveThread } from './crew.js';
import { itemsOf } from './serve.js';

interface Work extends QueueWork {
  readonly queue: SharedQueue<Item>;
}

if (isMainThread) await lead();
else follow(receive(workerData as Transportable<Work>));

async function lead(): Promise<void> {
  await using arena = Arena.create();
  const queue = await arena.queue<Item>('bench', { capacity: QUEUE_CAPACITY }).create();
  await serveQueue(new URL(import.meta.url), (role) => ({ data: share<Work>({ queue, role, ...itemArguments() }) }));
}

function follow({ queue: { sync }, role, type, length }: Work): void {
  const items = new Items(type, length);
  const put = (item: Item): void => sync.put(item);
  const get = (): Item => sync.get();
  serveThread((request) => (role === 'produce' ? putTimes(itemsOf(request), items, put) : getTimes(itemsOf(request), items, get)));
}
