import { expect, test } from '@jest/globals';
import { OutOfMemoryError, UnimplementedError } from '../../../proto/errors.js';
import { HomeService } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ObjectService } from '../../../proto/gen/commonhold/v1/object_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { EngineWorld, payload, reference } from '../../support/engine-world.js';

// The histories of state-histories.test.ts show that sound states are restored.

type WorldState = StateOf<EngineWorld>;

/** A world with a lock that one session holds and another waits for. */
function worldWithWaits(): EngineWorld {
  const world = new EngineWorld();
  world.call('a', LockService.methods.acquire, { name: 'lock', leaseMs: 1000 });
  world.call('b', LockService.methods.acquire, { name: 'lock', timeoutMs: 500 });
  return world;
}

test.each<[string, (state: WorldState) => WorldState, RegExp]>([
  [
    'a timer that nothing has started',
    ([{ clock, ...engine }, ...sessions]) => [{ ...engine, clock: { ...clock, timers: [...clock.timers, 99, 5] } }, ...sessions],
    /1 timers of its clock belong to nothing/,
  ],
  [
    'no timer for the end of a wait',
    ([{ clock, ...engine }, ...sessions]) => [{ ...engine, clock: { ...clock, timers: [] } }, ...sessions],
    /its clock has no timer/,
  ],
  ['no session of a holder', ([engine, , ...others]) => [engine, ...others], /nothing in it is called a/],
  ['no call for a place in line', ([engine, a, b]) => [engine, a!, { ...b!, open: [] }], /nothing in it is called 1/],
  [
    'a hold of a session that nothing has',
    ([engine, a, b]) => [engine, { ...a!, session: { ...a!.session, holds: [...a!.session.holds, 7] } }, b!],
    /nothing in it is called 7/,
  ],
  [
    'a call that waits for a lock which is free',
    ([{ keyspace, ...engine }, ...sessions]) => {
      const objects = keyspace.objects.map(([name, object]) => {
        return [
          name,
          { ...object, state: { ...(object.state as object), held: undefined, queue: [] } },
        ] as (typeof keyspace.objects)[number];
      });
      return [{ ...engine, keyspace: { ...keyspace, objects } }, ...sessions];
    },
    /would not wait/,
  ],
])('a state with %s is refused as damaged', (_what, damage, message) => {
  const world = worldWithWaits();
  expect(() => EngineWorld.restored(world, damage(world.state()))).toThrow(message);
  world.close();
});

test('a state of more than the limits is restored whole, with the calls that wait', () => {
  const world = worldWithWaits();
  world.ask('a', QueueService.methods.open, { name: 'queue', capacity: 1 });
  world.ask('a', QueueService.methods.put, { name: 'queue', value: payload('x'.repeat(1000)) });
  world.call('b', QueueService.methods.put, { name: 'queue', value: payload('y'.repeat(1000)) });
  const other = EngineWorld.restored(world, world.state(), world.engine.instanceOf, { maxMemory: 1, maxObjects: 1, maxWaiting: 1 });
  expect(other.digest()).toBe(world.digest());
  expect(() => other.ask('a', QueueService.methods.open, { name: 'another' })).toThrow(OutOfMemoryError);
  world.close();
  other.close();
});

test('an object of a type that is not registered is refused', () => {
  const world = new EngineWorld();
  world.ask('a', ObjectService.methods.open, { name: 'object', type: 'Machine' });
  const [{ keyspace, ...engine }, ...sessions] = world.state();
  const objects = keyspace.objects.map(
    ([name, object]) => [name, { ...object, state: { ...(object.state as object), type: 'Other' } }] as const,
  );
  const state: WorldState = [{ ...engine, keyspace: { ...keyspace, objects: objects as never } }, ...sessions];
  expect(() => EngineWorld.restored(world, state)).toThrow(UnimplementedError);
  world.close();
});

test('a list that is destroyed leaves no iteration with its sessions', () => {
  const world = new EngineWorld();
  world.ask('a', ListService.methods.push, { name: 'list', values: [payload(1), payload(2)] });
  world.ask('a', ListService.methods.scan, { name: 'list', pageSize: 1 });
  expect(world.sessions()[0]!.session.holds).toEqual([['iteration', 'list', 1]]);
  world.ask('b', ManagerService.methods.destroy, { name: 'list' });
  expect(world.sessions()[0]!.session.holds).toEqual([]);
  world.close();
});

/** The references that sessions were sent, by the anonymous object. */
function sentIn(world: EngineWorld): [name: string, sent: [session: string, count: number][]][] {
  return world.engine.state().keyspace.anonymous.nodes.map(([name, { sessions }]) => [name, sessions as [string, number][]]);
}

test('a session that ends in the turn that answers its call keeps nothing of the answer', () => {
  const world = new EngineWorld();
  world.ask('a', ListService.methods.open, { name: '~list' });
  world.call('b', QueueService.methods.get, { name: 'queue' });
  world.ask('a', QueueService.methods.put, { name: 'queue', value: reference('~list'), delayMs: 10 });
  // The item is due at the beginning of the turn in which the session ends.
  world.time.time += 10;
  world.end('b');
  expect(sentIn(world)).toEqual([['~list', [['a', 0]]]]);
  const other = EngineWorld.restored(world);
  expect(other.digest()).toBe(world.digest());
  world.close();
  other.close();
});

test('a call that its home hands back counts what it is answered once, also if it is restored in between', () => {
  const world = new EngineWorld();
  const { name: method, input } = QueueService.methods.open;
  const request = encodeMessage(new Writer(), input, { name: 'queue', order: 0, exclusive: false });
  world.ask('a', ListService.methods.open, { name: '~list' });
  world.ask('home', HomeService.methods.offer, { open: { method, request } });
  world.ask('home', HomeService.methods.backup, { name: 'queue', calls: [{ method, request }] });
  world.call('b', QueueService.methods.get, { name: 'queue' });
  world.end('home');
  const other = EngineWorld.restored(world);
  for (const each of [world, other]) {
    each.ask('a', QueueService.methods.put, { name: 'queue', value: reference('~list') });
    expect(sentIn(each)).toEqual([
      [
        '~list',
        [
          ['a', 0],
          ['b', 1],
        ],
      ],
    ]);
    each.close();
  }
});

test('a queue with a rate has the same state after its restore, although items count no more that were handed out earlier', () => {
  const world = new EngineWorld();
  const { open, put, get } = QueueService.methods;
  world.ask('a', open, { name: 'queue', rate: { max: 2, perMs: 10 } });
  world.ask('a', put, { name: 'queue', value: payload(1) });
  world.ask('a', get, { name: 'queue' });
  world.call('b', get, { name: 'queue' });
  world.time.advance(20);
  world.ask('a', open, { name: 'another' });
  const other = EngineWorld.restored(world, world.state());
  expect(other.digest()).toBe(world.digest());
  other.close();
  world.close();
});
