import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { dictHandlers } from '../../../engine/memory/objects/dict-handlers.js';
import { eventHandlers } from '../../../engine/memory/locking/event.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { listHandlers } from '../../../engine/memory/objects/list-handlers.js';
import { USUAL_LIMITS } from '../../../engine/core/limits.js';
import { Session } from '../../../engine/core/session.js';
import type { Clock } from '../../../engine/core/clock.js';
import type { CallContext } from '../../../proto/contract.js';
import { isThenable } from '../../../proto/thenable.js';
import { CancelledError, HistoryLostError, InvalidArgumentError, NotFoundError } from '../../../proto/errors.js';
import type { DictServiceWatchRequest, DictServiceWatchResponse } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { inTurns, realClock } from '../../support/turns.js';

// The history for watches: its length, its lifetime and its contents, with a mocked clock.

const MINUTE = 60_000;
const MIB = 1024 * 1024;
/** Bytes that a change counts besides its key and value. */
const CHANGE = 32;
/** Number of changes that the manager of these tests keeps. */
const MOST = 1500;

let clock: Clock;
let keyspace: Keyspace;
let dict: ReturnType<typeof dictHandlers>;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  useKeyspace();
});

function useKeyspace(maxMessageBytes = Infinity): void {
  clock = realClock();
  keyspace = inTurns(clock, new Keyspace(clock, { ...USUAL_LIMITS, watchHistory: MOST, maxMessageBytes }));
  dict = inTurns(clock, dictHandlers(keyspace));
}

afterEach(() => {
  keyspace.close();
  // All timers of an object end with it.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function contextOf(session: Session): CallContext {
  return { session, readOnly: session.id === '', cancel: undefined, handOver() {} };
}

const unary = (): CallContext => contextOf(new Session(''));
const writer = contextOf(new Session('writer'));

function watch(
  request: Partial<DictServiceWatchRequest>,
  context: CallContext,
): DictServiceWatchResponse | PromiseLike<DictServiceWatchResponse> {
  return dict.watch({ name: 'd', watch: 1, end: false, ...request }, context);
}

/** The answer to a watch that does not wait. */
function now(request: Partial<DictServiceWatchRequest>, context: CallContext): DictServiceWatchResponse {
  const answer = watch({ timeoutMs: 0, ...request }, context);
  if (isThenable(answer)) throw new Error('it waits');
  return answer;
}

/** A watch of a session of its own, and the revision at which it began. */
function begun(id = 'watcher'): { session: Session; context: CallContext; from: number } {
  const session = new Session(id);
  const context = contextOf(session);
  return { session, context, from: now({}, context).revision };
}

function set(key: string, value: string | Uint8Array = 'v'): void {
  void dict.set({ name: 'd', key, value }, writer);
}

function setMany(count: number, value = 'v'): void {
  for (let i = 0; i < count; i++) set(`key ${i}`, value);
}

describe('the history of an object', () => {
  test('does not go on from a change that was lost with a manager before, whether others changed it since or not', () => {
    const { context, from } = begun();
    set('kept');
    const { revision: kept } = now({ from }, context);
    keyspace.histories.pass(clock.wallTime + MINUTE);
    set('next');
    const [lost, { revision }] = [kept + 1, now({}, context)];
    expect(() => now({ from: lost }, contextOf(new Session('one that saw it')))).toThrow(HistoryLostError);
    expect(() => now({ from: lost, follow: true }, contextOf(new Session('one that follows')))).toThrow(HistoryLostError);
    expect(now({ from: kept }, context).changes).toMatchObject([{ key: 'next' }]);
    expect(now({ from }, context).changes).toMatchObject([{ key: 'kept' }, { key: 'next' }]);
    expect(now({ from: revision }, context).changes).toEqual([]);
  });

  test('reports a change after a start of the manager to a watch that waited through it', async () => {
    const { context, from } = begun();
    const answer = watch({ from }, context);
    keyspace.histories.pass(clock.wallTime + MINUTE);
    set('next');
    expect((await answer).changes).toMatchObject([{ key: 'next' }]);
  });

  test('ends for a watch that follows an object which a manager before made and lost', () => {
    const lost = keyspace.histories.revisions.state() + 1;
    keyspace.histories.pass(clock.wallTime + MINUTE);
    const { changes } = now({ from: lost, follow: true }, contextOf(new Session('one that saw it')));
    expect(changes).toMatchObject([{ type: 5 }]);
  });

  test('has up to its limit of changes, and reports when there were more', () => {
    const { context, from } = begun();
    setMany(MOST);
    expect(now({ from }, context).changes).toHaveLength(1000);
    setMany(1);
    expect(() => now({ from }, context)).toThrow(HistoryLostError);
    expect(now({ from: from + 1 }, context).changes).toHaveLength(1000);
  });

  test('holds 16 MiB of values and keys at most, but always the latest change', () => {
    const { context, from } = begun();
    for (let i = 0; i < 16; i++) set('k', new Uint8Array(MIB - CHANGE - 1));
    expect(now({ from }, context).changes).toHaveLength(1);
    set('');
    expect(() => now({ from }, context)).toThrow(HistoryLostError);
    const { revision } = now({}, context);
    set('k', new Uint8Array(40 * MIB));
    expect(now({ from: revision }, context).changes).toHaveLength(1);
    expect(() => now({ from: revision - 1 }, context)).toThrow(HistoryLostError);
  });

  test('is sent in pages of 1,000 changes, and of 1 MiB or one change', () => {
    const { context, from } = begun();
    setMany(1200);
    const first = now({ from }, context);
    expect(first.changes).toHaveLength(1000);
    expect(first.revision).toBe(first.changes.at(-1)!.revision);
    const second = now({ from: first.revision }, context);
    expect(second.changes).toHaveLength(200);
    for (const bytes of [MIB / 2 - CHANGE, MIB / 2 - CHANGE, MIB, 3 * MIB, 1]) set('', new Uint8Array(bytes));
    const lengths: number[] = [];
    for (let at = second.revision; lengths.reduce((sum, length) => sum + length, 0) < 5;) {
      const page = now({ from: at }, context);
      lengths.push(page.changes.length);
      at = page.revision;
    }
    expect(lengths).toEqual([2, 1, 1, 1]);
  });

  test('is sent in pages of half of the largest message, if that is small', () => {
    keyspace.close();
    useKeyspace(10_000);
    const { context, from } = begun();
    setMany(500, 'v'.repeat(50));
    const { changes } = now({ from }, context);
    expect(changes.length).toBeGreaterThan(40);
    expect(changes.length).toBeLessThan(60);
  });

  test('counts the bytes of a list’s changes on the wire', () => {
    const list = listHandlers(keyspace);
    const context = contextOf(new Session('one'));
    const ask = (from?: number) =>
      list.watch({ name: 'l', watch: 1, end: false, from, timeoutMs: 0 }, context) as { changes: unknown[]; revision: number };
    const { revision } = ask();
    void list.push({ name: 'l', values: Array.from({ length: 300_000 }, () => '') }, writer);
    for (let i = 0; i < 3; i++) void list.reverse({ name: 'l' }, writer);
    const first = ask(revision);
    // Only empty values, and an order of 1.2 MB.
    expect(first.changes).toHaveLength(1);
    expect(ask(first.revision).changes).toHaveLength(1);
    for (let i = 0; i < 15; i++) void list.reverse({ name: 'l' }, writer);
    expect(() => ask(revision)).toThrow(HistoryLostError);
  });

  test('is not kept if the object was never watched', () => {
    set('a');
    const { revision } = now({}, contextOf(new Session('one')));
    expect(() => now({ from: revision - 1 }, contextOf(new Session('two')))).toThrow(HistoryLostError);
    expect(now({ from: revision }, contextOf(new Session('two')))).toEqual({ changes: [], revision });
  });

  test('refuses a revision of the future, and one that is no whole number', () => {
    const { context, from } = begun();
    expect(() => now({ from: from + 1 }, context)).toThrow(HistoryLostError);
    for (const bad of [0.5, NaN, 2 ** 60]) expect(() => now({ from: bad }, context)).toThrow(InvalidArgumentError);
  });

  test('stays while a session watches, even without a call for a long time', () => {
    const { context, from } = begun();
    set('a');
    jest.advanceTimersByTime(100 * MINUTE);
    set('b');
    expect(now({ from }, context).changes).toHaveLength(2);
  });

  test('stays a minute for the next session of a client whose session ended, and then ends', () => {
    const { session, from } = begun();
    clock.turn(() => session.end());
    set('a');
    jest.advanceTimersByTime(MINUTE - 1);
    const next = begun('next');
    expect(now({ from }, next.context).changes).toHaveLength(1);
    clock.turn(() => next.session.end());
    jest.advanceTimersByTime(MINUTE);
    expect(jest.getTimerCount()).toBe(0);
    expect(() => now({ from }, contextOf(new Session('third')))).toThrow(HistoryLostError);
  });

  test('stays until the last watch of the last session is at its end, and a minute longer', () => {
    const { session, context, from } = begun();
    const other = begun('other');
    now({ watch: 2 }, context);
    set('a');
    clock.turn(() => other.session.end());
    now({ watch: 1, end: true }, context);
    jest.advanceTimersByTime(10 * MINUTE);
    expect(now({ watch: 2, from }, context).changes).toHaveLength(1);
    expect(session.holds.size).toBe(1);
    now({ watch: 7, end: true }, context);
    jest.advanceTimersByTime(10 * MINUTE);
    expect(now({ watch: 2, from }, context).changes).toHaveLength(1);
    now({ watch: 2, end: true }, context);
    expect(session.holds.size).toBe(0);
    jest.advanceTimersByTime(MINUTE - 1);
    expect(now({ watch: 2, from }, context).changes).toHaveLength(1);
    now({ watch: 2, end: true }, context);
    jest.advanceTimersByTime(MINUTE);
    expect(() => now({ from }, context)).toThrow(HistoryLostError);
  });

  test('stays for a minute after a call without a session, and while one waits', async () => {
    set('a');
    const { revision } = now({}, unary());
    set('b');
    jest.advanceTimersByTime(MINUTE - 1);
    const page = now({ from: revision }, unary());
    expect(page.changes).toHaveLength(1);
    const waiting = watch({ from: page.revision }, unary());
    jest.advanceTimersByTime(5 * MINUTE);
    set('c');
    const { changes, revision: last } = await waiting;
    expect(changes).toMatchObject([{ key: 'c' }]);
    jest.advanceTimersByTime(MINUTE - 1);
    expect(now({ from: last }, unary()).changes).toEqual([]);
    set('d');
    jest.advanceTimersByTime(MINUTE);
    expect(() => now({ from: last }, unary())).toThrow(HistoryLostError);
  });

  test('stays while a call waits whose watch its session gave up meanwhile', async () => {
    const { context, from } = begun();
    const waiting = watch({ from }, contextOf(context.session as Session));
    now({ end: true }, context);
    jest.advanceTimersByTime(5 * MINUTE);
    set('a');
    expect((await waiting).changes).toMatchObject([{ key: 'a' }]);
    jest.advanceTimersByTime(MINUTE);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a call that waits for changes', () => {
  test('returns all changes of a turn at once, and none twice', async () => {
    const { context, from } = begun();
    const first = watch({ from }, context);
    const second = clock.turn(() => {
      set('a');
      set('b');
      // This one has read both already, and waits for later changes of the same turn.
      const late = begun('late');
      const answer = watch({ from: late.from }, late.context);
      set('c');
      return answer;
    });
    expect((await first).changes.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect((await second).changes.map(({ key }) => key)).toEqual(['c']);
  });

  test('returns no changes when its time ends', async () => {
    const { context, from } = begun();
    const other = watch({ from, key: 'b', timeoutMs: 1000 }, context);
    set('a');
    jest.advanceTimersByTime(1001);
    const { changes, revision } = await other;
    expect(changes).toEqual([]);
    expect(revision).toBeGreaterThan(from);
  });

  test('fails when it is cancelled, and leaves nothing behind', async () => {
    const { session, context, from } = begun();
    const waiting = watch({ from }, context);
    expect(keyspace.get('d')!.waiters).toBe(1);
    clock.turn(() => context.cancel!(new CancelledError('no longer wanted')));
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    expect(keyspace.get('d')!.waiters).toBe(0);
    clock.turn(() => session.end());
  });

  test('returns without changes before its revision is dropped, if none concerned it', async () => {
    const { context, from } = begun();
    let settled = false;
    const waiting = watch({ from, key: 'rare' }, context) as PromiseLike<DictServiceWatchResponse>;
    waiting.then(() => (settled = true));
    setMany(MOST / 2);
    expect(settled).toBe(false);
    setMany(1);
    const { changes, revision } = await waiting;
    expect(changes).toEqual([]);
    // There is time to ask again.
    setMany(MOST - 1);
    set('rare');
    expect(now({ from: revision, key: 'rare' }, context).changes).toMatchObject([{ key: 'rare' }]);
  });

  test('fails if more happens in one turn than is kept', async () => {
    const { context, from } = begun();
    const waiting = watch({ from }, context);
    clock.turn(() => setMany(MOST + 1));
    await expect(waiting).rejects.toBeInstanceOf(HistoryLostError);
  });

  test('is told when a key ends by its time', async () => {
    const { context, from } = begun();
    void dict.set({ name: 'd', key: 'a', value: 'v', ttlMs: 500 }, writer);
    void dict.set({ name: 'd', key: 'b', value: 'v', ttlMs: 500 }, writer);
    set('b');
    const told = now({ from }, context);
    const waiting = watch({ from: told.revision }, context);
    jest.advanceTimersByTime(600);
    expect((await waiting).changes).toEqual([{ type: 3, key: 'a', value: undefined, revision: expect.any(Number) }]);
    expect(now({ from: told.revision, key: 'b' }, context).changes).toEqual([]);
  });
});

describe('the history of a destroyed object', () => {
  const destroy = (): boolean => keyspace.destroy('d', 'dict');

  test('stays until all watches have read it, and no longer', () => {
    const { session, context, from } = begun();
    const other = begun('other');
    setMany(1100);
    destroy();
    const first = now({ from }, context);
    expect(first.changes).toHaveLength(1000);
    set('new');
    const second = now({ from: first.revision }, context);
    expect(second.changes).toHaveLength(101);
    expect(second.changes.at(-1)).toMatchObject({ type: 5 });
    expect(session.holds.size).toBe(0);
    expect(jest.getTimerCount()).toBe(1);
    expect(now({ from: first.revision }, other.context).changes).toHaveLength(101);
    // The destroyed one has no timers left, and the next one none yet.
    expect(jest.getTimerCount()).toBe(0);
    expect(() => now({ from: first.revision }, other.context)).toThrow(HistoryLostError);
  });

  test('stays for a minute for a session that does not ask, and for one that comes back', () => {
    const idle = begun();
    const cut = begun('cut');
    set('a');
    clock.turn(() => cut.session.end());
    destroy();
    jest.advanceTimersByTime(MINUTE - 1);
    expect(now({ from: cut.from }, contextOf(new Session('next'))).changes).toMatchObject([{ key: 'a' }, { type: 5 }]);
    jest.advanceTimersByTime(1);
    expect(jest.getTimerCount()).toBe(0);
    expect(idle.session.holds.size).toBe(0);
    expect(now({ from: idle.from }, idle.context).changes).toMatchObject([{ type: 5 }]);
    expect(keyspace.get('d')).toBeUndefined();
  });

  test('is that of the latest one of its name', () => {
    const { context, from } = begun();
    set('first');
    destroy();
    const { revision } = now({}, context);
    set('second');
    destroy();
    expect(now({ from: revision }, context).changes).toMatchObject([{ key: 'second' }, { type: 5 }]);
    expect(now({ from }, context).changes).toMatchObject([{ type: 5 }]);
  });

  test('is not kept if the object was not watched', () => {
    set('a');
    destroy();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('makes no object when a watch is given up', () => {
    expect(now({ end: true }, contextOf(new Session('one')))).toEqual({ changes: [], revision: 0 });
    expect(now({ end: true, from: 5 }, contextOf(new Session('one')))).toEqual({ changes: [], revision: 5 });
    expect(keyspace.get('d')).toBeUndefined();
  });
});

describe('the revision of a state', () => {
  test('is known to its object alone', async () => {
    const event = inTurns(clock, eventHandlers(keyspace));
    const ask = async (from?: number) => event.watch({ name: 'e', from, timeoutMs: 0 }, writer);
    const { revision } = await ask();
    await event.set({ name: 'e' }, writer);
    const changed = await ask(revision);
    expect(changed).toEqual({ set: true, revision: expect.any(Number) });
    expect(await ask(changed.revision)).toEqual(changed);
    keyspace.destroy('e', 'event');
    await expect(ask(changed.revision)).rejects.toBeInstanceOf(NotFoundError);
    expect(keyspace.get('e')).toBeUndefined();
    const next = await ask();
    expect(next.revision).toBeGreaterThan(changed.revision);
    await expect(ask(changed.revision)).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask(-1)).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask(NaN)).rejects.toBeInstanceOf(InvalidArgumentError);
  });

  test('waits until its timeout, and returns the state', async () => {
    const event = inTurns(clock, eventHandlers(keyspace));
    const { revision } = await event.watch({ name: 'e' }, writer);
    const waiting = event.watch({ name: 'e', from: revision, timeoutMs: 1000 }, writer);
    jest.advanceTimersByTime(1001);
    expect(await waiting).toEqual({ set: false, revision });
  });
});
