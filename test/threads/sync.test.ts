import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BrokenBarrierError, NotFoundError, type ManagerError } from '../../client/index.js';
import { barrierKind, barrierOf, type SharedMemoryBarrier } from '../../engine/shared/objects/barrier.js';
import type { ObjectView } from '../../engine/shared/objects/object-view.js';
import { conditionKind } from '../../engine/shared/objects/condition.js';
import { eventKind } from '../../engine/shared/objects/event.js';
import type { SharedEngine } from '../../engine/shared/index.js';
import { semaphoreKind, semaphoreOf, type SharedMemorySemaphore } from '../../engine/shared/objects/semaphore.js';
import { valueKind, valueOf } from '../../engine/shared/objects/value.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { bundled } from '../support/bundled.js';
import { checkHeap, KERNELS, newArena } from '../support/shared-heap.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type { Work } from './sync-worker.js';

const bundle = await bundled(new URL('./sync-worker.js', import.meta.url));
afterAll(() => bundle.remove());

/** Number of threads that are killed anywhere, for each kernel, and how many at once. */
const KILLS = stress(4, 32);
const AT_ONCE = 4;
/** Most bytes that a killed thread may leak. */
const LOST = 64 * 1024;
/** Time within which any thread finds a dead one, in milliseconds. */
const LONG = 120_000;

describe.each(KERNELS)('synchronisation of several threads, %s', (_name, wasm) => {
  let engine: SharedEngine;
  beforeEach(() => {
    engine = newArena(wasm);
  });
  afterEach(() => engine.close());

  const start = (work: Work, rounds = 0): Worker =>
    new Worker(bundle.file, { workerData: { work, rounds, handle: engine.thread.region.handle } });
  const startAll = (count: number, work: Work, rounds = 0): Worker[] => Array.from({ length: count }, () => start(work, rounds));
  const semaphore = (permits: number): SharedMemorySemaphore =>
    engine.objects.create(semaphoreKind, { name: 'semaphore' }, semaphoreOf(engine.thread, permits, false)).object;
  const barrier = (parties: number): SharedMemoryBarrier =>
    engine.objects.create(barrierKind, { name: 'barrier' }, barrierOf(engine.thread, parties, undefined)).object;
  const waiting = (object: ObjectView, count: number): Promise<void> => until(`${count} wait`, () => object.waiters === count);

  test('a semaphore lets no more threads in than it has permits', async () => {
    const permits = semaphore(2);
    engine.objects.create(valueKind, { name: 'inside' }, valueOf(engine.objects.surroundings, 'i32', encodePayload(0)));
    const most = await Promise.all(startAll(stress(4, 6), 'permits', stress(50, 300)).map(told<number>));
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
    expect(permits.available()).toBe(2);
  });

  test('an event wakes all blocked threads', async () => {
    const event = engine.objects.open(eventKind, 'event');
    const count = stress(3, 5);
    const answers = startAll(count, 'event').map(told<boolean>);
    await waiting(event, count);
    event.set();
    expect(await Promise.all(answers)).toEqual(Array(count).fill(true));
    expect(event.isSet()).toBe(true);
  });

  test('a barrier lets four threads through again and again, with each index once', async () => {
    const rounds = stress(40, 100);
    const parties = barrier(4);
    const indexes = await Promise.all(startAll(4, 'pass', rounds).map(told<number[]>));
    for (let round = 0; round < rounds; round++) expect(indexes.map((own) => own[round]).sort()).toEqual([0, 1, 2, 3]);
    expect([parties.waiting, parties.broken]).toEqual([0, undefined]);
  });

  test('a condition keeps a buffer bounded, and nothing is lost', async () => {
    const rounds = stress(30, 200);
    const taken = startAll(2, 'take', rounds).map(told<number[]>);
    startAll(2, 'put', rounds);
    const items = (await Promise.all(taken)).flat().sort((a, b) => a - b);
    expect(items).toEqual(Array.from({ length: 2 * rounds }, (_, index) => Math.floor(index / 2)));
  });

  test('permits of a terminated thread come back, to blocked threads and to promises', async () => {
    const permits = semaphore(3);
    for (const take of [() => permits.acquire(LONG, 3), () => takeByCall(engine, 3)]) {
      const holder = start('hold');
      expect(await told(holder)).toBe('held');
      void holder.terminate();
      const hold = await take();
      expect(permits.available()).toBe(0);
      permits.free(hold);
    }
  });

  test('a thread that is terminated while it waits for permits lets the threads behind it through', async () => {
    const permits = semaphore(1);
    const waiter = start('hold');
    await waiting(permits, 1);
    const next = takeByCall(engine, 1);
    await waiter.terminate();
    permits.free(await next);
    expect(permits.available()).toBe(1);
  });

  test.each(['pass', 'act'] as const)('a thread that is terminated in a barrier breaks it, in "%s"', async (work) => {
    const parties = barrier(work === 'act' ? 2 : 3);
    const gone = start(work, 1);
    await waiting(parties, 1);
    if (work === 'act') {
      const acts = told(gone);
      const passage = failureOf(passByCall(engine));
      expect(await acts).toBe('acts');
      await gone.terminate();
      expect(await passage).toMatchObject({ reason: 'death' });
    } else {
      void gone.terminate();
      expect(await failureOf(() => parties.wait(LONG))).toMatchObject({ reason: 'death' });
    }
    expect(parties.broken).toBe('death');
    parties.reset();
    expect([parties.waiting, parties.broken]).toEqual([0, undefined]);
  });

  test('the notification of a thread that is terminated before it has the lock goes to the next', async () => {
    const condition = engine.objects.open(conditionKind, 'condition');
    const first = start('notified');
    await waiting(condition, 1);
    const second = start('notified');
    await waiting(condition, 2);
    const answer = told<boolean>(second);
    const number = condition.mutex.acquireSync(LONG);
    condition.notify(number, 1);
    await first.terminate();
    condition.mutex.free(number);
    expect(await answer).toBe(true);
  });

  test('blocked threads are told that their object is destroyed', async () => {
    const condition = engine.objects.open(conditionKind, 'condition');
    const blocked = [start('notified'), start('event'), start('pass', 1), start('hold')];
    const objects = [condition, engine.objects.open(eventKind, 'event'), barrier(2), semaphore(0)];
    const failures = blocked.map(async (worker) => ((await once(worker, 'error')) as [Error])[0]);
    for (const object of objects) await waiting(object, 1);
    for (const { name } of objects) engine.objects.destroy(name, '');
    for (const failure of await Promise.all(failures)) expect(failure.name).toBe(NotFoundError.name);
  });

  test('a thread that is killed anywhere leaves all as it should be', async () => {
    const permits = semaphore(3);
    const parties = barrier(2);
    const condition = engine.objects.open(conditionKind, 'condition');
    const event = engine.objects.open(eventKind, 'event');
    for (let killed = 0; killed < KILLS; killed += AT_ONCE) {
      await Promise.all(
        startAll(AT_ONCE, 'churn').map(async (worker) => {
          const { threadId } = worker;
          expect(await told(worker)).toBe('ready');
          await sleep(Math.random() * 15);
          await worker.terminate();
          engine.thread.threads.ended(threadId);
        }),
      );
      expect(permits.available()).toBe(3);
      expect(permits.holders()).toEqual([]);
      parties.reset();
      for (const object of [permits, parties, condition, event]) expect(object.waiters).toBe(0);
      expect(parties.waiting).toBe(0);
      condition.mutex.free(condition.mutex.acquireSync(0));
      expect(checkHeap(engine)).toBeLessThan(LOST * (killed + AT_ONCE));
    }
  });
});

/** The next message of a worker; rejects if it fails. */
async function told<R>(worker: Worker): Promise<R> {
  const [said] = (await once(worker, 'message')) as [R];
  return said;
}

/** Takes permits by a call; returns the hold as a blocked thread has it. */
async function takeByCall(engine: SharedEngine, permits: number): Promise<number> {
  const there = engine.objects.open(semaphoreKind, 'semaphore');
  const { token } = await there.take(call(), { permits });
  there.release(token);
  return there.acquire(0, permits);
}

function passByCall(engine: SharedEngine): () => unknown {
  const passage = engine.objects.open(barrierKind, 'barrier').arrive(call(), false);
  return () => passage;
}

/** A call of a session that does not end. */
function call() {
  const session = { id: 'test', host: '', pid: process.pid, label: '', holds: new Set<never>(), lost: () => {}, warn: () => {} };
  return { session, readOnly: false, cancel: undefined, handOver: () => {} };
}

async function failureOf(work: () => unknown): Promise<ManagerError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof BrokenBarrierError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
