import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRebuilding } from '../../../engine/memory/dumping/rebuild-methods.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService, type ManagerServiceDumpResponse as DumpPage } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { messageFromJson, messageToJson } from '../../../proto/json/message-json.js';
import { requestTypeOf } from '../../../proto/json/methods.js';
import type { Json } from '../../../proto/json/json.js';
import { methodNamed } from '../../../proto/methods.js';
import { decodeMessage } from '../../../proto/wire/message.js';
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

/** False for the calls of a backup, which the home has made. */
function isHere({ request }: Call): boolean {
  return !(request as { name: string }).name.startsWith('home');
}

function load(calls: readonly Call[]): EngineWorld {
  const world = new EngineWorld();
  for (const { method: name, request } of calls) {
    const method = methodNamed(name)!;
    world.ask(LOADER, method, decodeMessage(method.input, messageFromJson(requestTypeOf(name)!, request, 'request')) as object);
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
        expect(dumped(loaded).filter(isHere)).toEqual(calls.filter(isHere));
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
