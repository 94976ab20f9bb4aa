import { afterAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { dictKind, type SharedMemoryDict } from '../../engine/shared/objects/dict.js';
import type { SharedEngine } from '../../engine/shared/index.js';
import { listKind } from '../../engine/shared/objects/list.js';
import { bundled } from '../support/bundled.js';
import { checkHeap, KERNELS, newArena } from '../support/shared-heap.js';
import { stress } from '../support/stress.js';
import { CODEC, isWhole, KEYS, TOGETHER, type Task } from './dict-worker.js';

const bundle = await bundled(new URL('./dict-worker.js', import.meta.url));
afterAll(() => bundle.remove());

/** Number of threads that work at once. */
const THREADS = 4;
/** Number of threads that are killed, for each kernel. */
const KILLS = stress(8, 100);
/** Most bytes that a killed thread may leak: the blocks it had just taken out, and had not freed yet. */
const LOST = 64 * 1024;

function start(engine: SharedEngine, work: Task['work'], rounds?: number): Worker {
  const { handle } = engine.thread.region;
  return new Worker(bundle.file, { workerData: { handle, work, rounds } });
}

/** Expects the keys of one batch to be there all or none. */
function expectTogether(dict: SharedMemoryDict): void {
  const values = dict.getMany(TOGETHER, CODEC).map(([, value]) => value);
  expect([0, TOGETHER.length]).toContain(values.length);
  expect(new Set(values).size).toBeLessThanOrEqual(1);
}

/** Resolves when a worker has posted this message. */
async function told(worker: Worker, what: string): Promise<void> {
  while ((await once(worker, 'message'))[0] !== what);
}

describe.each(KERNELS)('dicts and lists of several threads, %s', (_name, wasm) => {
  test('no count is lost, and all reads are whole, while the memory grows', async () => {
    const engine = newArena(wasm);
    const texts = engine.objects.open(dictKind, 'texts');
    const together = engine.objects.open(dictKind, 'together');
    const counts = engine.objects.open(dictKind, 'counts');
    const rounds = 100;
    const workers = Array.from({ length: THREADS }, (_, i) => start(engine, i < 3 ? 'count' : 'write', i < 3 ? rounds : 3000));
    const exits = workers.map((worker) => once(worker, 'exit'));
    let running = THREADS;
    for (const worker of workers) void told(worker, 'done').then(() => running--);
    while (running > 0) {
      for (const key of KEYS) {
        const text = texts.get(key, CODEC);
        if (text !== undefined && !isWhole(text)) throw new Error(`read a torn text under ${key}`);
      }
      for (const [key, text] of texts.entries(CODEC)) if (!isWhole(text)) throw new Error(`read a torn text under ${String(key)}`);
      expectTogether(together);
      await sleep(1);
    }
    await Promise.all(exits);
    expect(new Map(counts.entries(CODEC))).toEqual(new Map(KEYS.map((key) => [key, 3 * rounds])));
    expect(checkHeap(engine)).toBe(0);
    engine.close();
  });

  test('a thread that is killed anywhere leaves all whole', async () => {
    const engine = newArena(wasm);
    const texts = engine.objects.open(dictKind, 'texts');
    const together = engine.objects.open(dictKind, 'together');
    const list = engine.objects.open(listKind, 'list');
    for (let killed = 0; killed < KILLS; killed += THREADS) {
      const workers = Array.from({ length: THREADS }, () => start(engine, 'churn'));
      await Promise.all(
        workers.map(async (worker) => {
          const { threadId } = worker;
          await told(worker, 'ready');
          await sleep(Math.random() * 10);
          await worker.terminate();
          engine.thread.threads.ended(threadId);
        }),
      );
      expect(checkHeap(engine)).toBeLessThan(LOST * (killed + THREADS));
      for (const [, text] of texts.entries(CODEC)) expect(isWhole(text)).toBe(true);
      expectTogether(together);
      for (const item of list.toArray(CODEC)) expect(item === 1 || item === 2 || isWhole(item)).toBe(true);
    }
    engine.close();
  });
});
