/**
 * A producer thread and a consumer thread at a MessagePort, one message per item. A port holds any number of messages, so the consumer
 * reports its progress, and the producer waits when too many items are on their way.
 */
import { isMainThread, MessageChannel, workerData, type MessagePort } from 'node:worker_threads';
import type { RoundAnswer } from '../rounds.js';
import { serveThread } from '../workers/crew.js';
import { Items, type Item } from '../workers/items.js';
import { itemArguments, QUEUE_CAPACITY, serveQueue, type QueueWork } from '../workers/pair.js';
import { itemsOf } from '../workers/serve.js';

interface Work extends QueueWork {
  readonly port: MessagePort;
}

/** Items between two reports, few enough that the producer need not stop. */
const ITEMS_A_REPORT = QUEUE_CAPACITY / 4;

if (isMainThread) await lead();
else follow(workerData as Work);

async function lead(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await serveQueue(new URL(import.meta.url), (role) => {
    const port = role === 'produce' ? port1 : port2;
    return { data: { port, role, ...itemArguments() } satisfies Work, transfer: [port] };
  });
}

function follow({ port, role, type, length }: Work): void {
  const items = new Items(type, length);
  const work = role === 'produce' ? produce : consume;
  serveThread((request) => work(itemsOf(request), items, port));
}

function produce(times: number, items: Items, port: MessagePort): Promise<RoundAnswer> {
  const started = performance.now();
  let put = 0;
  let taken = 0;
  return new Promise((resolve) => {
    port.on('message', reported);
    fill();

    function reported(count: number): void {
      taken += count;
      if (taken < times) return fill();
      port.off('message', reported);
      resolve({ operations: times, seconds: (performance.now() - started) / 1000 });
    }
    function fill(): void {
      while (put < times && put < taken + QUEUE_CAPACITY) port.postMessage(items.at(put++));
    }
  });
}

function consume(times: number, items: Items, port: MessagePort): Promise<RoundAnswer> {
  const started = performance.now();
  let taken = 0;
  return new Promise((resolve) => {
    port.on('message', take);

    function take(item: Item): void {
      items.check(item, taken++);
      if (taken % ITEMS_A_REPORT === 0) port.postMessage(ITEMS_A_REPORT);
      if (taken < times) return;
      port.postMessage(taken % ITEMS_A_REPORT);
      port.off('message', take);
      resolve({ operations: times, seconds: (performance.now() - started) / 1000 });
    }
  });
}
