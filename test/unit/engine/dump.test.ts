import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REFERENCE } from '../../../proto/codec/reference.js';
import { isRebuilding } from '../../../engine/memory/dumping/rebuild-methods.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService, type ManagerServiceDumpResponse as DumpPage } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { messageFromJson, messageToJson } from '../../../proto/json/message-json.js';
import { requestTypeOf } from '../../../proto/json/methods.js';
import type { Json } from '../../../proto/json/json.js';
import { methodNamed } from '../../../proto/methods.js';
import { decodeMessage, encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { EngineWorld, payload, reference } from '../../support/engine-world.js';
import { histories, KIND_CALLS, take } from '../../support/random-history.js';
import { stress } from '../../support/stress.js';

// The calls of a dump, and what they make in another engine. They take the way through JSON.

const { dump } = ManagerService.methods;
const KINDS = Object.keys(KIND_CALLS) as (keyof typeof KIND_CALLS)[];
const LOADER = 'loader';

interface Call {
  readonly method: string;
  readonly request: Json;
}

function dumped(world: EngineWorld): Call[] {
  const calls: Call[] = [];
  let pageToken = '';
  do {
    const page: DumpPage = world.ask('dumper', dump, { pageToken });
    for (const { method, request } of page.calls) calls.push({ method, request: messageToJson(requestTypeOf(method)!, request) });
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return calls;
}

/**
 * Returns the calls without the ones of a backup, which the home has made, and without the `Open` of the lock of a condition: the condition
 * makes it, also if it was destroyed before the dump.
 */
function compared(calls: readonly Call[]): Call[] {
  const ofConditions = new Set(calls.flatMap(({ method, request }) => (method === CONDITION ? lockOf(request) : [])));
  return calls.filter(({ method, request }) => {
    const { name } = request as { name: string };
    return !name.startsWith('home') && !(LOCKS.includes(method) && ofConditions.has(name));
  });
}

const CONDITION = ConditionService.methods.open.name;
const LOCKS: readonly string[] = [LockService.methods.open.name, RLockService.methods.open.name];

function lockOf(request: Json): string[] {
  const { lock, rlock } = request as { lock?: string; rlock?: string };
  return [lock ?? rlock ?? []].flat();
}

function load(calls: readonly Call[]): EngineWorld {
  const world = new EngineWorld();
  for (const { method: name, request } of calls) {
    const method = methodNamed(name)!;
    world.ask(LOADER, method, decodeMessage(method.input, messageFromJson(requestTypeOf(name)!, request, 'request')) as object);
    world.acknowledge(LOADER, world.calls.at(-1)!.id);
  }
  world.end(LOADER);
  return world;
}

test.each([...KINDS.map((kind) => [kind, [kind]] as const), ['all kinds', KINDS] as const])(
  'a dump after any history of %s makes objects with the same dump',
  (_name, kinds) => {
    fc.assert(
      fc.property(histories(kinds, 40), (history) => {
        const world = new EngineWorld();
        for (const step of history) take(world, step);
        const calls = dumped(world);
        expect(calls.map(({ method }) => methodNamed(method)!).filter((method) => !isRebuilding(method))).toEqual([]);
        const loaded = load(calls);
        expect(compared(dumped(loaded))).toEqual(compared(calls));
        world.close();
        loaded.close();
      }),
      { numRuns: stress(100, 1000) },
    );
  },
);

test('a dump of many pages is of one moment, has each call once, and goes on in an engine that was restored', () => {
  const world = new EngineWorld();
  const { set } = DictService.methods;
  const value = payload('x'.repeat(300_000));
  for (let i = 0; i < 10; i++) world.ask('a', set, { name: 'dict', key: i, value });
  const pages = [world.ask('a', dump)];
  world.ask('b', DictService.methods.clear, { name: 'dict' });
  let restored = world;
  while (pages.at(-1)!.nextPageToken !== '') {
    restored = EngineWorld.restored(restored);
    pages.push(restored.ask('a', dump, { pageToken: pages.at(-1)!.nextPageToken }));
  }
  expect(pages.length).toBeGreaterThan(2);
  const calls = pages.flatMap((page) => page.calls.map(({ method, request }) => decodeMessage(methodNamed(method)!.input, request)));
  const entries = calls.flatMap((call) => (call as { entries?: { key: number }[] }).entries ?? []);
  expect(entries.map(({ key }) => key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

describe('a dump', () => {
  test('has the anonymous objects to which objects with names lead, also in cycles, and no others', () => {
    const world = new EngineWorld();
    const { open, push } = ListService.methods;
    for (const name of ['~a', '~b', '~alone', '~loop']) world.ask('a', open, { name });
    world.ask('a', push, { name: 'list', values: [reference('~a')] });
    world.ask('a', push, { name: '~a', values: [reference('~b')] });
    world.ask('a', push, { name: '~b', values: [reference('~a'), reference('~b')] });
    world.ask('a', push, { name: '~loop', values: [reference('~loop')] });
    const opened = dumped(world)
      .filter(({ method }) => method === open.name)
      .map(({ request }) => (request as { name: string }).name);
    expect(opened).toEqual(['list', '~a', '~b']);
    const loaded = load(dumped(world));
    loaded.time.advance(60_000);
    expect(loaded.ask('a', ListService.methods.length, { name: '~b' })).toEqual({ length: 2 });
  });

  test('has pages and calls that messages can carry, names the objects that none can, and rebuilds with the same limit', () => {
    const maxMessageBytes = 20_000;
    const world = new EngineWorld({ maxMessageBytes });
    const key = 'k'.repeat(3_000);
    for (let i = 0; i < 50; i++)
      world.ask('a', DictService.methods.set, { name: 'dict', key: `${key}${i}`, value: payload('x'.repeat(700)) });
    world.ask('a', DictService.methods.set, { name: 'large', key: 'small', value: payload(1) });
    world.ask('a', DictService.methods.set, { name: 'large', key: 'large', value: payload('x'.repeat(maxMessageBytes - 40)) });
    world.ask('a', ListService.methods.push, { name: 'list', values: [payload('x'.repeat(15_000)), payload(2)] });
    world.ask('a', ArrayService.methods.open, { name: 'array', type: 'f64', length: 10_000 });
    const pages = [world.ask('a', dump)];
    while (pages.at(-1)!.nextPageToken !== '') pages.push(world.ask('a', dump, { pageToken: pages.at(-1)!.nextPageToken }));
    const sizes = pages.map((page) => encodeMessage(new Writer(), dump.output, page).length);
    expect(sizes.filter((size) => size > maxMessageBytes)).toEqual([]);
    expect(pages.flatMap(({ undumped }) => undumped)).toEqual([
      {
        kind: 'dict',
        name: 'large',
        reason: expect.stringMatching(/takes a message of \d+ bytes, and messages have at most 20000: .*--max-payload/),
      },
    ]);
    const calls = dumped(world);
    expect(calls.filter(({ request }) => (request as { name: string }).name === 'large')).toEqual([]);
    expect(load(calls).ask('a', DictService.methods.size, { name: 'dict' })).toEqual({ size: 50 });
  });

  test('keeps the address of a reference to an object that is not in it', () => {
    const world = new EngineWorld({ maxMessageBytes: 20_000 });
    const at = (name: string): string => payload({ [REFERENCE]: () => ({ kind: 'list', name, address: '127.0.0.1:1' }) });
    world.ask('a', ListService.methods.push, { name: 'here', values: [at('here'), at('large'), at('other')] });
    world.ask('a', ListService.methods.push, { name: 'large', values: [payload('x'.repeat(19_990))] });
    const addresses = dumped(world).filter(({ method }) => method === ListService.methods.push.name);
    expect(addresses).toMatchObject([
      {
        request: {
          values: [
            { reference: { kind: 'list', name: 'here' } },
            { reference: { kind: 'list', name: 'large', address: '127.0.0.1:1' } },
            { reference: { kind: 'list', name: 'other', address: '127.0.0.1:1' } },
          ],
        },
      },
    ]);
  });

  test('abandons the locks that were held', () => {
    const world = new EngineWorld();
    world.ask('a', LockService.methods.acquire, { name: 'held' });
    world.ask('a', LockService.methods.open, { name: 'free' });
    const loaded = load(dumped(world));
    expect(loaded.ask('a', LockService.methods.acquire, { name: 'held' }).abandoned).toBe(true);
    expect(loaded.ask('a', LockService.methods.acquire, { name: 'free' }).abandoned).toBe(false);
  });

  test('has delivered items with their attempts, before all others, although the queue is full', () => {
    const world = new EngineWorld();
    const { open, putMany, deliver, nak } = QueueService.methods;
    world.ask('a', open, { name: 'queue', capacity: 2 });
    world.ask('a', putMany, { name: 'queue', values: [payload(1), payload(2)] });
    const [first] = world.ask('a', deliver, { name: 'queue' }).items;
    world.ask('a', nak, { name: 'queue', token: first!.token });
    world.ask('a', deliver, { name: 'queue', max: 2 });
    world.ask('a', putMany, { name: 'queue', values: [payload(3), payload(4)] });
    const loaded = load(dumped(world));
    const { items } = loaded.ask('a', deliver, { name: 'queue', max: 10 });
    expect(items.map(({ value, attempts }) => [value, attempts])).toEqual([
      [payload(1), 3],
      [payload(2), 2],
      [payload(3), 1],
      [payload(4), 1],
    ]);
  });

  test('has items that were given back with a delay, which go to the head after it', () => {
    const world = new EngineWorld();
    const { open, putMany, deliver, nak } = QueueService.methods;
    world.ask('a', open, { name: 'queue' });
    world.ask('a', putMany, { name: 'queue', values: [payload(1), payload(2)], each: [{ id: 'one' }, {}] });
    const [first] = world.ask('a', deliver, { name: 'queue' }).items;
    world.ask('a', nak, { name: 'queue', token: first!.token, delayMs: 1000 });
    const loaded = load(dumped(world));
    loaded.time.advance(1001);
    const { items } = loaded.ask('a', deliver, { name: 'queue', max: 10 });
    expect(items.map(({ value, id, attempts }) => [value, id, attempts])).toEqual([
      [payload(1), 'one', 2],
      [payload(2), undefined, 1],
    ]);
  });

  test('is refused to a unary call, and its pages are returned once', () => {
    const world = new EngineWorld();
    const { set } = DictService.methods;
    for (let i = 0; i < 5; i++) world.ask('a', set, { name: 'dict', key: i, value: payload('x'.repeat(600_000)) });
    expect(() => world.ask('unary', dump)).toThrow(/a unary call cannot dump/);
    const { nextPageToken: pageToken } = world.ask('a', dump);
    world.ask('a', dump, { pageToken });
    expect(() => world.ask('a', dump, { pageToken })).toThrow(InvalidArgumentError);
    const other = world.ask('a', dump).nextPageToken;
    expect(world.ask('a', dump, { pageToken: other, leave: true }).calls).toEqual([]);
    expect(() => world.ask('a', dump, { pageToken: other })).toThrow(/begin again/);
  });
});
