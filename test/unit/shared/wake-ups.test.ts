import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { arrayKind, arrayOf } from '../../../engine/shared/objects/array.js';
import { barrierKind, barrierOf } from '../../../engine/shared/objects/barrier.js';
import type { ObjectView } from '../../../engine/shared/objects/object-view.js';
import { PAYLOADS, writePayload } from '../../../engine/shared/memory/cells.js';
import { conditionKind } from '../../../engine/shared/objects/condition.js';
import { eventKind } from '../../../engine/shared/objects/event.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import {
  ABORTED,
  ALL,
  BROKEN,
  CONTENDED,
  G_SET,
  GONE,
  GRANTED,
  H_REST,
  N_STATE,
  WOKEN,
  O_DATA,
  O_GUARD,
  O_HELD,
  O_LOCK,
  O_WOKEN,
  P_PERMITS,
  W_BROKEN,
  W_FAILING,
  W_PARTIES,
  WAIT,
  WAITING,
} from '../../../engine/shared/kernel/layout.js';
import { lockKind } from '../../../engine/shared/objects/lock.js';
import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { now } from '../../../engine/shared/threads/parking.js';
import { queueKind } from '../../../engine/shared/objects/queue.js';
import { clearAway } from '../../../engine/shared/threads/reaper.js';
import { USER } from '../../../engine/shared/objects/robust-lock.js';
import { semaphoreKind, semaphoreOf } from '../../../engine/shared/objects/semaphore.js';
import { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { valueKind, valueOf } from '../../../engine/shared/objects/value.js';
import { ThreadWaits } from '../../../engine/shared/threads/thread-waits.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { KERNELS, newArena } from '../../support/shared-heap.js';

const VALUE = encodePayload(1);

describe.each(KERNELS)('shared memory, %s', (_name, wasm) => {
  let arena: SharedEngine;
  let thread: ArenaThread;
  /** The thread that dies in the middle of a step. */
  let dead: ArenaThread;
  /** A thread that lives on. */
  let other: ArenaThread;
  beforeEach(() => {
    arena = newArena(wasm);
    ({ thread } = arena);
    dead = new ArenaThread(thread.region, clearAway);
    other = new ArenaThread(thread.region, clearAway);
  });
  afterEach(() => arena.close());

  const nodeOf = (of: ArenaThread, wish: { want?: number } = {}): number => new ThreadWaits(of).node(false, { owner: USER, ...wish });
  const stateOf = (node: number): number => thread.word(node + N_STATE);

  /** Every object that is, or has, a lock. */
  const LOCKS: Readonly<Record<string, () => SharedMutex>> = {
    lock: () => arena.objects.open(lockKind('lock'), 'object'),
    rlock: () => arena.objects.open(lockKind('rlock'), 'object'),
    condition: () => arena.objects.open(conditionKind, 'object'),
    value: () => arena.objects.create(valueKind, { name: 'object' }, valueOf(arena.objects.surroundings, 'f64', VALUE)).object,
    array: () => arena.objects.create(arrayKind, { name: 'object' }, arrayOf(arena.objects.surroundings, 'f64', 2)).object,
  };

  /** Has a thread take the lock, and others wait for it. */
  function held(by: ArenaThread, lock: ObjectView, ...waiting: readonly ArenaThread[]): number[] {
    expect(by.kernel.lockTake(by.self, lock.object, lock.uid, USER)).toBe(0);
    return waiting.map((each) => {
      const node = nodeOf(each);
      expect(each.kernel.lockWait(each.self, lock.object, lock.uid, node)).toBe(WAIT);
      return node;
    });
  }

  describe.each(Object.keys(LOCKS))('the lock of a dead thread, of a %s', (kind) => {
    test('that it had freed, but offered to no waiter, is offered to the first', () => {
      const lock = LOCKS[kind]!();
      const [first, second] = held(dead, lock, thread, other);
      thread.setWord(lock.object + O_LOCK, CONTENDED);

      dead.leave();

      expect([stateOf(first!), stateOf(second!)]).toEqual([WOKEN, WAITING]);
      expect(lock.retry(first!)).toBe(GRANTED);
      expect(thread.word(lock.object + O_LOCK)).toBe(thread.token | CONTENDED);
    });

    test('that it had offered to itself goes to the next', () => {
      const lock = LOCKS[kind]!();
      const [own, next] = held(other, lock, dead, thread);
      thread.setWord(lock.object + O_LOCK, CONTENDED);
      expect(other.kernel.lockOffer(other.self, lock.object, lock.uid)).toBe(0);
      expect([stateOf(own!), stateOf(next!)]).toEqual([WOKEN, WAITING]);

      dead.leave();

      expect([stateOf(next!), thread.word(lock.object + O_WOKEN)]).toEqual([WOKEN, 1]);
      expect(lock.retry(next!)).toBe(GRANTED);
      expect(thread.word(lock.object + O_LOCK)).toBe(thread.token);
    });

    test('that it had marked as offered, without waking the first waiter, is offered by the next thread that frees it', () => {
      const lock = LOCKS[kind]!();
      const [node] = held(other, lock, thread);
      thread.setWord(lock.object + O_WOKEN, 1);

      dead.leave();
      expect(thread.word(lock.object + O_WOKEN)).toBe(0);
      const number = thread.double(lock.object + O_HELD);
      const answer = other.kernel.lockFree(other.self, lock.object, number);
      // No waiter counts as woken, so that the lock is passed on.
      expect(answer).toBeLessThan(0);
      expect(other.kernel.lockPass(other.self, lock.object, lock.uid, number, now())).toBe(0);

      expect([WOKEN, GRANTED]).toContain(stateOf(node!));
    });
  });

  test('a semaphore gives permits to waiters that a dead thread released and offered to none', () => {
    const semaphore = arena.objects.create(semaphoreKind, { name: 'object' }, semaphoreOf(thread, 0, false)).object;
    const nodes = [nodeOf(thread, { want: 2 }), nodeOf(other, { want: 1 })];
    nodes.forEach((node) => expect(thread.kernel.permitsTake(thread.self, semaphore.object, semaphore.uid, node, 1)).toBe(WAIT));
    thread.setDouble(semaphore.object + O_DATA + P_PERMITS, 3);

    dead.leave();

    expect(nodes.map(stateOf)).toEqual([GRANTED, GRANTED]);
  });

  test('a queue promises items to waiters that a dead thread put without waking any', () => {
    const queue = arena.objects.open(queueKind, 'object');
    const nodes = [nodeOf(thread), nodeOf(other)];
    for (const node of nodes) expect(queue.pull(1, node)).toBe(WAIT);
    writePayload(thread, thread.cells, VALUE);
    while (thread.again(thread.kernel.ringGrow(thread.self, queue.object, queue.uid, 1), queue.object));
    expect(thread.kernel.ringPush(thread.self, queue.object, queue.uid, thread.cells, 1, 0)).toBe(1);

    dead.leave();

    expect(nodes.map(stateOf)).toEqual([GRANTED, WAITING]);
    expect(queue.pull(1, nodes[0])).toBe(1);
  });

  test('an event that a dead thread had set wakes the waiters that it did not', () => {
    const event = arena.objects.open(eventKind, 'object');
    const nodes = [nodeOf(thread), nodeOf(other)];
    for (const node of nodes) expect(thread.kernel.eventWait(thread.self, event.object, event.uid, node)).toBe(WAIT);
    thread.setWord(event.object + O_DATA + G_SET, 1);

    dead.leave();

    expect(nodes.map(stateOf)).toEqual([GRANTED, GRANTED]);
  });

  test.each([ALL, 2])('a condition notifies the waiters that a dead thread had begun to notify, %d of them', (rest) => {
    const condition = arena.objects.open(conditionKind, 'object');
    const nodes = [nodeOf(thread), nodeOf(other), nodeOf(thread)];
    for (const node of nodes) expect(thread.kernel.noticeWait(thread.self, condition.object, condition.uid, node)).toBe(0);
    expect(thread.kernel.noticeGive(thread.self, condition.object, condition.uid, 1)).toBe(0);
    expect(nodes.map(stateOf)).toEqual([GRANTED, WAITING, WAITING]);
    thread.setWord(condition.object + O_DATA + H_REST, rest);

    dead.leave();

    expect(nodes.map(stateOf)).toEqual([GRANTED, GRANTED, GRANTED]);
    expect(thread.word(condition.object + O_DATA + H_REST)).toBe(0);
  });

  test('a barrier completes or breaks a pass that a dead thread had begun to complete or break', () => {
    const make = barrierOf(thread, 3, undefined);
    const rounds = ['complete', 'broken'].map((name) => arena.objects.create(barrierKind, { name }, make).object);
    const [complete, broken] = rounds as [(typeof rounds)[0], (typeof rounds)[0]];
    const nodes = rounds.map(({ object, uid }) =>
      [thread, other].map((each) => {
        const node = nodeOf(each);
        expect(each.kernel.barrierWait(each.self, object, uid, node)).toBe(WAIT);
        return node;
      }),
    );
    thread.setWord(complete.object + O_DATA + W_PARTIES, 2);
    thread.setWord(broken.object + O_DATA + W_BROKEN, ABORTED);
    thread.setWord(broken.object + O_DATA + W_FAILING, ABORTED);

    dead.leave();

    expect(nodes.map((each) => each.map(stateOf))).toEqual([
      [GRANTED, GRANTED],
      [BROKEN, BROKEN],
    ]);
  });

  describe('the word of a lock keeps its mark of waiters', () => {
    test('when a take of an older object is undone', () => {
      const lock = LOCKS['lock']!();
      held(other, lock, thread);
      thread.setWord(lock.object + O_LOCK, CONTENDED);
      expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid + 1, USER)).toBe(GONE);
      expect(thread.word(lock.object + O_LOCK)).toBe(CONTENDED);
    });

    test('when one of two gives up, and not when both do', () => {
      const lock = LOCKS['lock']!();
      const [first, second] = held(other, lock, thread, dead);
      expect(lock.quit(first!)).toBe(0);
      expect(thread.word(lock.object + O_LOCK)).toBe(other.token | CONTENDED);
      expect(dead.kernel.lockQuit(dead.self, lock.object, lock.uid, second!)).toBe(0);
      expect(thread.word(lock.object + O_LOCK)).toBe(other.token);
    });

    test('when a running thread overtakes one that was woken', () => {
      const lock = LOCKS['lock']!();
      const [node] = held(other, lock, thread);
      thread.setWord(lock.object + O_LOCK, CONTENDED);
      expect(other.kernel.lockOffer(other.self, lock.object, lock.uid)).toBe(0);
      expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
      expect(thread.word(lock.object + O_LOCK)).toBe(dead.token | CONTENDED);
      expect(lock.retry(node!)).toBe(WAIT);
      expect([thread.word(lock.object + O_LOCK), thread.word(lock.object + O_WOKEN)]).toEqual([dead.token | CONTENDED, 0]);
    });
  });

  test('a guard with waiters keeps its mark until it is released', () => {
    const queue = arena.objects.open(queueKind, 'object');
    expect(other.kernel.enterObject(other.self, queue.object, queue.uid)).toBe(0);
    expect(thread.kernel.guardContend(queue.object, other.token)).toBe(1);
    expect(thread.kernel.queueClear(thread.self, queue.object, queue.uid)).toBeLessThan(0);
    expect(thread.word(queue.object + O_GUARD)).toBe(other.token | CONTENDED);
    other.kernel.leaveObject(other.self, queue.object);
    expect(thread.word(queue.object + O_GUARD)).toBe(0);
    expect(queue.peek(1, PAYLOADS)).toEqual([]);
  });
});
