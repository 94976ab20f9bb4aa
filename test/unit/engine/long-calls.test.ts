import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CancelledError } from '../../../proto/errors.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { EngineWorld, payload } from '../../support/engine-world.js';

// Long calls are prepared in steps, between which other calls are made.

const { at, clear, extend, length, push, reverse, slice, sort } = { ...ListService.methods, extend: ListService.methods.push };
const LIST = { name: 'list' };
/** Enough of them that a list is not sorted at once. */
const NUMBERS = Array.from({ length: 8_000 }, (_, n) => (n * 7919) % 8_000);

function filled(name = 'list', world = new EngineWorld()): EngineWorld {
  world.ask('owner', extend, { name, values: NUMBERS.map(payload) });
  return world;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

/** The outcome of a call; undefined while it waits. */
function outcome(world: EngineWorld, session: string, id: number): unknown {
  return world.outcomes.find(([of, answered]) => of === session && answered === id)?.[2];
}

test('a list is sorted once the work is done, whatever part of it was', () => {
  for (const steps of [0, 1, 10, Infinity]) {
    const world = filled();
    const sorted = world.call('one', sort, LIST);
    expect(outcome(world, 'one', sorted)).toBeUndefined();
    expect(world.engine.restorable).toBe(false);
    world.work(steps);
    expect(outcome(world, 'one', sorted)).toEqual({});
    expect(world.engine.restorable).toBe(true);
    expect(world.ask('one', slice, LIST).values).toEqual(NUMBERS.toSorted((a, b) => a - b).map(payload));
  }
});

test('calls on other objects go on meanwhile; calls on the list wait, in their order', () => {
  const world = filled();
  world.call('one', sort, LIST);
  world.ask('one', length, { name: 'other' });
  const waiting = [world.call('one', at, { ...LIST, index: 0 }), world.call('two', push, { ...LIST, values: [payload(-1)] })];
  waiting.push(world.call('one', at, { ...LIST, index: -1 }));
  expect(waiting.map((id, index) => outcome(world, index === 1 ? 'two' : 'one', id))).toEqual([undefined, undefined, undefined]);
  world.work(Infinity);
  expect(outcome(world, 'one', waiting[0]!)).toEqual({ value: payload(0) });
  expect(outcome(world, 'two', waiting[1]!)).toEqual({ length: 8_001 });
  expect(outcome(world, 'one', waiting[2]!)).toEqual({ value: payload(-1) });
  expect(world.engine.restorable).toBe(true);
});

test('long calls on one list are prepared one after another', () => {
  const world = filled();
  world.call('one', sort, LIST);
  world.call('two', sort, { ...LIST, descending: true });
  const first = world.call('one', at, { ...LIST, index: 0 });
  expect(world.works).toBe(1);
  world.work(Infinity);
  expect(world.works).toBe(1);
  expect(outcome(world, 'one', first)).toBeUndefined();
  world.work(Infinity);
  expect(outcome(world, 'one', first)).toEqual({ value: payload(7_999) });
});

test('a call on two objects waits for both, and holds up later calls on either', () => {
  const world = new EngineWorld();
  for (const name of ['a', 'b']) world.ask('owner', extend, { name, values: NUMBERS.map(payload) });
  world.ask('owner', SetService.methods.add, { name: 'set', values: [payload(1)] });
  world.call('one', sort, { name: 'a' });
  world.call('one', sort, { name: 'b' });
  const destroyed = world.call('two', ManagerService.methods.destroy, { name: 'a' });
  const absent = world.call('one', length, { name: 'a' });
  world.work(Infinity);
  expect(outcome(world, 'two', destroyed)).toMatchObject({ destroyed: true });
  expect(outcome(world, 'one', absent)).toEqual({ length: 0 });
  world.work(Infinity);
  expect(world.engine.restorable).toBe(true);
});

describe('a long call ends early, and lets the calls behind it go on:', () => {
  test('cancelled while it is prepared, or while it waits', () => {
    const world = filled();
    const [first, second] = [world.call('one', sort, LIST), world.call('one', reverse, LIST)];
    const third = world.call('two', at, { ...LIST, index: 0 });
    world.cancel('one', second);
    expect(outcome(world, 'one', second)).toBeInstanceOf(CancelledError);
    expect(outcome(world, 'two', third)).toBeUndefined();
    world.cancel('one', first);
    expect(outcome(world, 'one', first)).toBeInstanceOf(CancelledError);
    expect(outcome(world, 'two', third)).toEqual({ value: payload(NUMBERS[0]) });
    world.work(Infinity);
    expect(world.ask('two', slice, LIST).values).toEqual(NUMBERS.map(payload));
    expect(world.engine.restorable).toBe(true);
  });

  test('the session ends', () => {
    const world = filled();
    world.call('one', sort, LIST);
    world.call('one', clear, LIST);
    const there = world.call('two', length, LIST);
    world.end('one');
    expect(outcome(world, 'two', there)).toEqual({ length: NUMBERS.length });
    world.work(Infinity);
    expect(world.engine.restorable).toBe(true);
  });
});

test('a list that took the place of the one that was sorted, because its time was over, is sorted itself', () => {
  const world = filled();
  world.ask('owner', ManagerService.methods.expire, { name: 'list', ttlMs: 10 });
  const sorted = world.call('one', sort, LIST);
  world.time.advance(20);
  world.work(Infinity);
  expect(outcome(world, 'one', sorted)).toEqual({});
  expect(world.ask('one', length, LIST)).toEqual({ length: 0 });
});

describe('the result of steps is that of the whole call:', () => {
  /** Payloads of numbers. */
  const numbers = range(0, 17_000).map(payload);
  const of = (from: number, to: number): string[] => numbers.slice(from, to);
  const [one, two] = [of(0, 2_000), of(1_000, 17_000)];
  const both = { name: 'one', otherName: 'two' };
  const { add, delete: remove, retain, union, intersection, difference, symmetricDifference } = SetService.methods;
  const { isSubsetOf, isSupersetOf, isDisjointFrom } = SetService.methods;

  /** Makes a call on sets, prepared by some steps, and returns its answer and the members of the first set. */
  function operated(method: Method, request: object, steps: number): unknown {
    const world = new EngineWorld();
    world.ask('owner', add, { name: 'one', values: one });
    world.call('owner', add, { name: 'two', values: two });
    const called = world.call('owner', method as typeof add, request);
    expect(world.works).toBe(1);
    while (world.works > 0) world.work(steps);
    return [outcome(world, 'owner', called), world.ask('owner', SetService.methods.snapshot, { name: 'one' }).values];
  }

  test.each<[string, Method, unknown, string[]]>([
    ['union', union, { values: numbers }, one],
    ['intersection', intersection, { values: of(1_000, 2_000) }, one],
    ['difference', difference, { values: of(0, 1_000) }, one],
    ['symmetricDifference', symmetricDifference, { values: [...of(0, 1_000), ...of(2_000, 17_000)] }, one],
    ['isSubsetOf', isSubsetOf, { holds: false }, one],
    ['isSupersetOf', isSupersetOf, { holds: false }, one],
    ['isDisjointFrom', isDisjointFrom, { holds: false }, one],
    ['add', add, { added: 15_000 }, numbers],
    ['delete', remove, { deleted: 1_000 }, of(0, 1_000)],
    ['retain', retain, { deleted: 1_000 }, of(1_000, 2_000)],
  ])('%s of two sets, and of a set and values', (_name, method, answer, members) => {
    expect(operated(method, both, 0)).toEqual([answer, members]);
    expect(operated(method, both, Infinity)).toEqual([answer, members]);
    expect(operated(method, { name: 'one', values: two }, Infinity)).toEqual([answer, members]);
  });

  test.each([
    ['objects', ManagerService.methods.listObjects, 'objects'],
    ['locks', ManagerService.methods.locks, 'locks'],
  ] as const)('%s of which the names match a pattern, among others that come and go meanwhile', (_name, method, field) => {
    for (const steps of [0, 1, Infinity]) {
      const world = new EngineWorld();
      const acquire = (name: string): unknown => world.ask('owner', LockService.methods.acquire, { name });
      for (const n of range(0, 1_100)) acquire(`${n % 2 === 0 ? 'even' : 'odd'} ${n}`);
      const listed = world.call('one', method as typeof ManagerService.methods.locks, {
        match: '*even*1*',
        pageToken: 'even 1',
        pageSize: 100,
      });
      expect(world.works).toBe(1);
      world.work(steps, () => {
        acquire('even 101');
        world.ask('owner', ManagerService.methods.destroy, { name: 'even 100' });
      });
      const page = outcome(world, 'one', listed) as Record<string, { name: string }[]>;
      const all = [...range(0, 1_100).filter((n) => n % 2 === 0 && n !== 100), 101];
      const wanted = all.map((n) => `even ${n}`).filter((name) => name.includes('1') && name > 'even 1');
      expect(page[field]!.map(({ name }) => name)).toEqual(wanted.sort().slice(0, 100));
      expect(world.engine.restorable).toBe(true);
    }
  });

  test.each<[string, Method, unknown]>([
    ['indexOf', ListService.methods.indexOf, { index: 700 }],
    ['count', ListService.methods.count, { count: 2 }],
    ['remove', ListService.methods.remove, { removed: true }],
  ])('%s in a list', (_name, method, answer) => {
    const texts = range(0, 1_500).map((n) => `${n === 1_400 ? 700 : n}`.padStart(1_000));
    for (const steps of [0, 1, Infinity]) {
      const world = new EngineWorld({ maxMessageBytes: 4_000_000 });
      world.ask('one', push, { ...LIST, values: texts.map(payload) });
      const called = world.call('one', method as typeof push, { ...LIST, value: payload(texts[700]) } as never);
      expect(world.works).toBe(1);
      world.work(steps);
      expect(outcome(world, 'one', called)).toEqual(answer);
      expect(world.ask('one', length, LIST).length).toBe(method.name.endsWith('Remove') ? 1_499 : 1_500);
    }
  });
});

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
const names = fc.constantFrom('a', 'b');
const sessions = fc.constantFrom('one', 'two');
const action = fc.oneof(
  fc.record({ type: fc.constant('sort' as const), session: sessions, name: names, descending: fc.boolean() }),
  fc.record({
    type: fc.constantFrom('at' as const, 'push' as const, 'reverse' as const),
    session: sessions,
    name: names,
    value: fc.nat(8_000),
  }),
  fc.record({ type: fc.constant('work' as const), steps: fc.constantFrom(0, 3, Infinity) }),
  fc.record({ type: fc.constant('cancel' as const), session: sessions, id: fc.nat(10) }),
  fc.record({ type: fc.constant('end' as const), session: sessions }),
);

test('a preparation changes nothing but the time: turns that are applied again, without any step, have the same answers and states', () => {
  const run = (actions: readonly Action[], prepares: boolean): unknown => {
    const world = filled('b', filled('a'));
    for (const each of actions) {
      const { type } = each;
      if (type === 'work') world.work(prepares ? each.steps : 0);
      else if (type === 'cancel') world.cancel(each.session, each.id);
      else if (type === 'end') world.end(each.session);
      else if (type === 'sort') world.call(each.session, sort, { name: each.name, descending: each.descending });
      else if (type === 'at') world.call(each.session, at, { name: each.name, index: each.value });
      else if (type === 'push') world.call(each.session, push, { name: each.name, values: [payload(each.value)] });
      else world.call(each.session, reverse, { name: each.name });
    }
    const works = world.works;
    while (world.works > 0) world.work(prepares ? Infinity : 0);
    expect(world.engine.restorable).toBe(true);
    return [works, world.outcomes, world.digest()];
  };
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25, size: 'max' }), (actions) => {
      expect(run(actions, true)).toEqual(run(actions, false));
    }),
    { numRuns: 25 },
  );
});
