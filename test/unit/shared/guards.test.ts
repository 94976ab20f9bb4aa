import { describe, expect, jest, test } from '@jest/globals';
import { ClosedError, type ManagerError } from '../../../proto/errors.js';
import { PAYLOADS } from '../../../engine/shared/memory/cells.js';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import { HEAP } from '../../../engine/shared/memory/guards.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { GONE, GRANTED, N_STATE, O_GUARD, O_LOCK, S_TID, S_TOKEN, WAIT } from '../../../engine/shared/kernel/layout.js';
import { listKind } from '../../../engine/shared/objects/list.js';
import { lockKind } from '../../../engine/shared/objects/lock.js';
import { queueKind } from '../../../engine/shared/objects/queue.js';
import { clearAway } from '../../../engine/shared/threads/reaper.js';
import { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { ThreadWaits } from '../../../engine/shared/threads/thread-waits.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { checkGuards } from '../../support/checked-guards.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';

/** A number that no thread of a system has. */
const ENDED = 2 ** 30;
const LONG = encodePayload('a text that is too long for a cell');

function thrownBy(work: () => unknown): ManagerError {
  try {
    work();
  } catch (error) {
    return error as ManagerError;
  }
  throw new Error('nothing was thrown');
}

describe.each(KERNELS)('the guards of shared memory, %s', (_name, wasm) => {
  /** An arena with objects of some kinds, and another thread that works on it. */
  function setUp() {
    const arena = newArena(wasm);
    const { objects, thread } = arena;
    const other = new ArenaThread(thread.region, clearAway);
    return {
      arena,
      thread,
      other,
      objects,
      dict: objects.open(dictKind, 'dict'),
      list: objects.open(listKind, 'list'),
      queue: objects.open(queueKind, 'queue'),
      lock: objects.open(lockKind('lock'), 'lock'),
      /** The other thread enters an object, and stays there. */
      stop: (object: number, uid: number) => expect(other.kernel.enterObject(other.self, object, uid)).toBe(0),
      goOn: (object: number) => other.kernel.leaveObject(other.self, object),
    };
  }
  const tidy = (arena: SharedEngine): void => {
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  };

  test('are taken one at a time: a step on one object within one on another is refused', () => {
    const { arena, thread, dict, list } = setUp();
    const within = (work: () => unknown) => () => thread.guards.during(dict.object, dict.uid, work, () => undefined);
    expect(within(() => list.toArray(PAYLOADS))).toThrow('asks for that of another');
    expect(within(() => arena.objects.any('list'))).toThrow('asks for that of another');
    checkGuards(thread);
    expect(within(() => list.push([LONG], PAYLOADS))).toThrow(/^ringPush of \d+ by a thread that has the guard of \d+$/);
    // A step that failed so left the blocks it had prepared.
    thread.kernel.discard(thread.self);
    tidy(arena);
  });

  test('are waited for up to a limit, and the error names the holder and leaves nothing half done', () => {
    const { arena, thread, other, dict, list, queue, lock, stop, goOn, objects } = setUp();
    dict.set('old', LONG, PAYLOADS);
    list.push([LONG, LONG], PAYLOADS);
    other.kernel.lockTake(other.self, lock.object, lock.uid, 1);
    thread.guards.patience = 30;
    const steps: [object: { object: number; uid: number }, name: string, steps: (() => unknown)[]][] = [
      [dict, '"dict"', [() => dict.set('new', LONG, PAYLOADS), () => dict.setMany([['new', LONG]], PAYLOADS), () => dict.keys()]],
      [list, '"list"', [() => list.push([LONG], PAYLOADS), () => list.insert(1, LONG, PAYLOADS), () => list.clear()]],
      [queue, '"queue"', [() => queue.put(LONG, PAYLOADS, 0), () => queue.tryGet(PAYLOADS), () => objects.destroy('queue', 'queue')]],
      [{ object: objects.directory.at, uid: 1 }, 'the directory', [() => objects.open(dictKind, 'new'), () => objects.any('dict')]],
    ];
    for (const [{ object, uid }, name, each] of steps) {
      stop(object, uid);
      for (const step of each) {
        const error = thrownBy(step);
        expect([error.code, error.retryable, error.mayHaveExecuted]).toEqual(['INTERNAL', true, false]);
        expect(error.message).toContain(`main of process ${process.pid} has been working on ${name} for 30 ms`);
        if (name !== 'the directory') expect(error.message).toContain('and has the lock of "lock"');
      }
      goOn(object);
    }
    expect([dict.keys(), list.size, queue.size, objects.any('new')]).toEqual([['old'], 2, 0, undefined]);
    dict.set('new', LONG, PAYLOADS);
    tidy(arena);
  });

  test('of the heap are waited for in the same way', () => {
    const { arena, thread, other, dict } = setUp();
    thread.guards.patience = 30;
    thread.setWord(HEAP + O_GUARD, other.token);
    const error = thrownBy(() => dict.set('key', new Uint8Array(100_000), { ...PAYLOADS, plain: true }));
    expect(error.message).toContain(`has been working on the memory for 30 ms`);
    thread.setWord(HEAP + O_GUARD, 0);
    dict.set('key', new Uint8Array(100_000), { ...PAYLOADS, plain: true });
    expect(dict.keys()).toEqual(['key']);
    tidy(arena);
  });

  test("are waited for without a limit by a step that ends the thread's work, with a warning", () => {
    const { arena, thread, lock, stop } = setUp();
    const held = lock.acquireSync(0);
    const waiting = new ArenaThread(thread.region, clearAway);
    const node = new ThreadWaits(waiting).node(false);
    expect(waiting.kernel.lockWait(waiting.self, lock.object, lock.uid, node)).toBe(WAIT);
    thread.guards.patience = 30;
    stop(lock.object, lock.uid);
    const { memory } = thread.region.handle;
    const words = new Int32Array(memory instanceof SharedArrayBuffer ? memory : memory.buffer);
    const guard = (lock.object + O_GUARD) >> 2;
    // Continues in the place of the other thread, once this one has warned, and blocks.
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {
      Atomics.store(words, guard, 0);
      Atomics.notify(words, guard);
    });
    lock.free(held);
    expect(waiting.word(node + N_STATE)).toBe(GRANTED);
    expect(warned.mock.calls).toEqual([[expect.stringContaining('has been working on "lock"'), 'CommonholdWarning']]);
    warned.mockRestore();
    arena.close();
  });

  test('are not taken by a thread whose slot has no token, nor are locks', () => {
    const { arena, thread, other, dict, lock } = setUp();
    const { kernel, self } = other;
    other.setWord(self + S_TOKEN, 0);
    expect(kernel.enterObject(self, dict.object, dict.uid)).toBe(GONE);
    expect(kernel.lockTake(self, lock.object, lock.uid, 1)).toBe(GONE);
    for (const step of [() => kernel.takeIn(self, 0), () => kernel.refill(self, 0, 1), () => kernel.freeBytes(self)])
      expect(step()).toBe(GONE);
    expect([HEAP + O_GUARD, dict.object + O_GUARD, lock.object + O_LOCK].map((at) => thread.word(at))).toEqual([0, 0, 0]);
    for (const call of [() => other.alloc(100_000), () => other.usage()]) expect(call).toThrow(ClosedError);
    other.setWord(self + S_TOKEN, other.token);
    other.kernel.discard(self);
    other.leave();
    tidy(arena);
  });

  test('of a dead thread are given back to a thread with a guard, which clears the dead one away afterwards', () => {
    const { arena, thread, other, dict } = setUp();
    thread.setWord(HEAP + O_GUARD, other.token);
    other.setWord(other.self + S_TID, ENDED);
    thread.guards.during(
      dict.object,
      dict.uid,
      () => {
        thread.alloc(100_000);
        thread.kernel.discard(thread.self);
        expect(other.present).toBe(true);
      },
      () => {},
    );
    expect(other.present).toBe(false);
    tidy(arena);
  });

  test('of several dead threads are given back, in the middle of whatever step one of them died', () => {
    const { arena, thread, other, dict, list, objects } = setUp();
    const more = [1, 2].map(() => new ArenaThread(thread.region, clearAway));
    const all = [other, ...more];
    all.forEach((dead, i) => {
      const at = [dict, list, { object: objects.directory.at, uid: 1 }][i]!;
      expect(dead.kernel.enterObject(dead.self, at.object, at.uid)).toBe(0);
      dead.setWord(dead.self + S_TID, ENDED);
    });
    dict.set('key', LONG, PAYLOADS);
    expect(list.push([LONG], PAYLOADS)).toBe(1);
    expect(objects.any('dict')?.name).toBe('dict');
    expect(all.map((dead) => dead.present)).toEqual([false, false, false]);
    tidy(arena);
  });
});
