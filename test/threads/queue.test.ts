import { afterAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SharedEngine } from '../../engine/shared/index.js';
import { QueueCalls } from '../../engine/shared/objects/queue-calls.js';
import { queueKind, queueOf, type SharedMemoryQueue } from '../../engine/shared/objects/queue.js';
import { QueueShutDownError } from '../../proto/errors.js';
import { bundled } from '../support/bundled.js';
import { checkHeap, KERNELS, newArena } from '../support/shared-heap.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import { CODEC, context, item, received, takeOrAbandon, untilShutDown, type Received, type Task } from './queue-worker.js';

const bundle = await bundled(new URL('./queue-worker.js', import.meta.url));
afterAll(() => bundle.remove());

/** For the test that passes many items. */
const CAPACITY = 8;
const THREADS = 3;
const ITEMS = stress(1_500, 10_000);
/** Number of items of the other tests. */
const FEW = stress(400, 2_000);
/** Number of threads that are killed, with WebAssembly if available and with its twin. */
const KILLS = stress(8, 300);
const KILLS_OF_TWIN = stress(4, 100);
/** Most bytes that a killed thread may leak: the blocks it had just taken out, and had not freed yet. */
const LOST = 64 * 1024;
/** Timeout longer than any test, in milliseconds, to tell a stuck wait from a slow one. */
const LONG = 120_000;

interface Running {
  readonly worker: Worker;
  /** The items that it received, when it has ended. */
  readonly result: Promise<Received[]>;
}

function start(engine: SharedEngine, work: Task['work'], more: Partial<Task> = {}): Running {
  const { handle } = engine.thread.region;
  const worker = new Worker(bundle.file, { workerData: { handle, work, ...more } });
  const result = new Promise<Received[]>((resolve, reject) => {
    worker.on('message', (message: 'ready' | Received[]) => message !== 'ready' && resolve(message));
    worker.once('error', reject);
  });
  return { worker, result };
}

function arena(wasm: boolean, capacity: number): { engine: SharedEngine; queue: SharedMemoryQueue } {
  const engine = newArena(wasm);
  const { object: queue } = engine.objects.create(queueKind, { name: 'queue' }, queueOf(engine.objects.surroundings, capacity));
  return { engine, queue };
}

/** Expects that the consumers got each item of the producers once, and the items of each producer in order. */
function expectAll(shares: readonly Received[][], producers: number, items: number): void {
  for (const share of shares) {
    const last = new Array<number>(producers).fill(-1);
    for (const [producer, number] of share) {
      if (number <= last[producer]!) throw new Error(`${number} of ${producer} behind ${last[producer]}`);
      last[producer] = number;
    }
  }
  const all = shares.flat().map(([producer, number]) => producer * items + number);
  expect(all).toHaveLength(producers * items);
  expect(new Set(all).size).toBe(producers * items);
}

/** Passes the items of some producers to consumers of some types; returns the items of each consumer. */
async function pass(engine: SharedEngine, queue: SharedMemoryQueue, items: number, works: Task['work'][], here = 0): Promise<Received[][]> {
  const consumers = works.map((work) => start(engine, work));
  const producers = Array.from({ length: THREADS }, (_, producer) => start(engine, 'produce', { producer, items }));
  const calls = new QueueCalls(queue, engine.objects.surroundings);
  const own = Array.from({ length: here }, async () => {
    const got: Received[] = [];
    await untilShutDown(async () => {
      const text = await takeOrAbandon(calls);
      if (text !== undefined) got.push(received(text));
    });
    return got;
  });
  await Promise.all(producers.map(({ result }) => result));
  queue.shutdown(false);
  return Promise.all([...consumers.map(({ result }) => result), ...own]);
}

describe.each(KERNELS)('a queue of several threads, %s', (_name, wasm) => {
  test('gives each item to one of several blocked consumers, and the items of each producer in order', async () => {
    const { engine, queue } = arena(wasm, CAPACITY);
    expectAll(await pass(engine, queue, ITEMS, ['consume', 'consume', 'consume']), THREADS, ITEMS);
    await until('all threads left', () => [...engine.thread.threads.slots()].length === 1);
    expect(checkHeap(engine)).toBe(0);
    engine.close();
  });

  test('loses none to promises that are aborted', async () => {
    const { engine, queue } = arena(wasm, CAPACITY);
    expectAll(await pass(engine, queue, FEW, ['consume', 'consumeAsync', 'consumeAsync'], 3), THREADS, FEW);
    await until('all threads left', () => [...engine.thread.threads.slots()].length === 1);
    expect(checkHeap(engine)).toBe(0);
    engine.close();
  });

  test('is not stuck, and has all its places, after threads that were killed', async () => {
    const { engine, queue } = arena(wasm, CAPACITY);
    for (let killed = 0; killed < (wasm ? KILLS : KILLS_OF_TWIN); killed += 4) {
      const workers = Array.from({ length: 4 }, () => start(engine, 'churn').worker);
      const ended = workers.map(async (worker) => {
        const { threadId } = worker;
        await once(worker, 'message');
        await sleep(Math.random() * 10);
        await worker.terminate();
        engine.thread.threads.ended(threadId);
      });
      await Promise.all(ended);
      expect(queue.waiters).toBe(0);
      expect(checkHeap(engine)).toBeLessThan(LOST * (killed + 4));
      while (queue.tryGet(CODEC) !== undefined);
      for (let place = 0; place < CAPACITY; place++) expect(queue.tryPut(place, CODEC)).toBe(true);
      expect(queue.tryPut(CAPACITY, CODEC)).toBe(false);
      expect(queue.clear()).toBe(CAPACITY);
    }
    const [share] = await pass(engine, queue, FEW, ['consume']);
    expectAll([share!], THREADS, FEW);
    engine.close();
  });

  test('passes on an item promised to a thread that is killed meanwhile', async () => {
    const { engine, queue } = arena(wasm, 1);
    const calls = new QueueCalls(queue, engine.objects.surroundings);
    for (let round = 0; round < stress(5, 20); round++) {
      const { worker } = start(engine, 'consume');
      await until('it waits', () => queue.waiters === 1);
      const later = Promise.resolve(calls.take(1, context(), LONG));
      const { threadId } = worker;
      const ended = worker.terminate();
      queue.put('promised', CODEC, 0);
      await ended;
      engine.thread.threads.ended(threadId);
      // Either the killed thread got it, or the one behind it.
      queue.put('another', CODEC, LONG);
      const [payload] = await later;
      expect(['promised', 'another']).toContain(CODEC.decode(payload!));
      queue.clear();
      expect(checkHeap(engine)).toBeLessThan(LOST * (round + 1));
    }
    engine.close();
  });

  test('wakes all calls of join() when the work is done', async () => {
    const { engine, queue } = arena(wasm, 0);
    const calls = new QueueCalls(queue, engine.objects.surroundings);
    queue.putMany([item(0, 0), item(0, 0)], CODEC, 0);
    const joining = [start(engine, 'join'), start(engine, 'join')];
    const own = Promise.resolve(calls.join(context(), LONG));
    await until('all join', () => queue.waiters === 3);
    const workers = [start(engine, 'finish'), start(engine, 'finish'), start(engine, 'produce', { items: 500 })];
    await Promise.all([own, ...joining.map(({ result }) => result)]);
    await workers[2]!.result;
    queue.join(LONG);
    queue.shutdown(false);
    await Promise.all(workers.map(({ result }) => result));
    engine.close();
  });

  test('wakes all waiting calls when it is shut down', async () => {
    const { engine, queue } = arena(wasm, 1);
    const calls = new QueueCalls(queue, engine.objects.surroundings);
    const getters = [start(engine, 'consume'), start(engine, 'consumeAsync'), start(engine, 'consume')];
    const own = Promise.resolve(calls.take(1, context(), LONG));
    await until('all wait', () => queue.waiters >= 3);
    queue.shutdown(true);
    await expect(own).rejects.toBeInstanceOf(QueueShutDownError);
    for (const { result } of getters) expect(await result).toEqual([]);
    expect(queue.waiters).toBe(0);
    engine.close();
  });
});
