import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError, type Arena, type Event, type Lock } from 'commonhold';
import { A_WATCHER, S_THREAD, S_TID } from '../../engine/shared/kernel/layout.js';
import { arenaOn, engineOf } from '../support/arena.js';
import { KERNELS } from '../support/shared-heap.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';

const program = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);
type Blocked = typeof import('./programs/blocked.js');
type Holding = typeof import('./programs/holding.js');

/** Number of times that a thread of this process has gone to sleep. */
function sleeps(tid: number): number {
  const [, count] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/self/task/${tid}/status`, 'latin1'))!;
  return Number(count);
}

describe.each(KERNELS)('threads that block for long, %s', (_name, wasm) => {
  const COUNT = stress(4, 8);
  let arena: Arena | undefined;
  afterEach(() => arena?.close());

  const block = (lock: Lock, count: number) => Array.from({ length: count }, () => arena!.thread<Blocked>(program('blocked'), lock));
  const waiting = (lock: Lock): number => lock.local().shared.objects.any(lock.name)!.waiters;
  const word = (offset: number): number => Atomics.load(engineOf(arena!).thread.region.words, offset >> 2);

  it('look for dead ones by turns, and end with the arena', async () => {
    arena = arenaOn(wasm, 1 << 24);
    const lock = arena.lock('lock');
    lock.sync.acquire({ timeout: 0 });
    const threads = block(lock, COUNT);
    await until('all block', () => waiting(lock) === COUNT && word(A_WATCHER) !== 0);
    const { thread } = engineOf(arena);
    const tids = [...thread.threads.slots()].filter((slot) => slot !== thread.self).map((slot) => word(slot + S_TID));
    expect(tids).toHaveLength(COUNT);
    // If all looked, each would look as often as any other. A turn that is overdue goes to the next, which load can make happen often: then
    // it is counted again.
    await until('one looks more often than the others', async () => {
      const before = tids.map(sleeps);
      const looked = (): number[] => tids.map((tid, index) => sleeps(tid) - before[index]!);
      // Each look at the counts reads a file a thread.
      while (Math.max(...looked()) < stress(15, 30)) await pause(100);
      const counts = looked();
      return counts.reduce((sum, count) => sum + count) / Math.max(...counts) < COUNT / 2;
    });
    const ended = threads.map((thread) => expect(thread.result).rejects.toBeInstanceOf(ClosedError));
    await Promise.all([arena.close(), ...ended]);
  });

  it('find a dead one if the thread that looks is dead as well', async () => {
    arena = arenaOn(wasm, 1 << 24);
    const lock = arena.lock('lock');
    const taken: Event = arena.event();
    const holder = arena.thread<Holding>(program('holding'), lock, taken, 'stay');
    await taken.wait();
    const threads = block(lock, 3);
    await until('all block, and one looks', () => waiting(lock) === 3 && word(A_WATCHER) !== 0);
    const { thread } = engineOf(arena);
    const watcher = word(thread.threads.slotOf(word(A_WATCHER)) + S_THREAD);
    const watching = threads.find(({ threadId }) => threadId === watcher);
    void watching?.terminate();
    void holder.terminate();
    // From here on this thread learns of no end, except by looking itself.
    lock.sync.acquire({ timeout: 60_000 }).release();
    const results = await Promise.allSettled(threads.filter((thread) => thread !== watching).map(({ result }) => result));
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});
