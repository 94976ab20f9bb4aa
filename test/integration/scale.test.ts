import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, NotFoundError, type ObjectInfo } from 'commonhold';
import { collect, fresh, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type mixed from './programs/mixed.js';

// Many clients, many objects, many calls at once.

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

test('many client processes at once keep every total exact', async () => {
  const CLIENTS = stress(8, 64);
  const ROUNDS = 10;
  const shared = {
    dict: manager.dict<string, number>(fresh('dict')),
    list: manager.list<string>(fresh('list')),
    queue: manager.queue<string>(fresh('queue')),
    added: manager.value(fresh('added'), 0),
    locked: manager.value(fresh('locked'), 0),
    guarded: manager.value(fresh('guarded'), 0),
    lock: manager.lock(fresh('lock')),
  };
  const workers = range(0, CLIENTS).map((id) =>
    manager.fork<{ default: typeof mixed }>(new URL('./programs/mixed.js', import.meta.url), id, ROUNDS, shared),
  );
  await Promise.all(workers.map((worker) => worker.result));
  await Promise.all(workers.map((worker) => worker.join()));
  expect(workers.map((worker) => worker.exitCode)).toEqual(workers.map(() => 0));

  const TOTAL = CLIENTS * ROUNDS;
  const marks = range(0, CLIENTS).flatMap((id) => range(0, ROUNDS).map((round) => `${id}:${round}`));
  expect(await Promise.all([shared.added.get(), shared.locked.get(), shared.guarded.get()])).toEqual([TOTAL, TOTAL, TOTAL]);
  const dict = await shared.dict.toMap();
  expect([dict.get('total'), dict.get('swapped'), dict.size]).toEqual([TOTAL, TOTAL, TOTAL + 2]);
  const list = await shared.list.toArray();
  expect([...list].sort()).toEqual([...marks].sort());
  // Each client's own pushes are in the order it made them.
  expect(list.filter((mark) => mark.startsWith('7:'))).toEqual(range(0, ROUNDS).map((round) => `7:${round}`));
  expect(await shared.queue.size()).toBe(0);
  await until('all sessions are over', async () => (await manager.stats()).sessions === 1);
});

describe('very many objects', () => {
  const MANY = stress(5_000, 100_000);
  const nameOf = (index: number): string => `many-${String(index).padStart(6, '0')}`;
  const inBatches = async (call: (index: number) => Promise<unknown>): Promise<void> => {
    for (let begin = 0; begin < MANY; begin += 5_000) await Promise.all(range(begin, begin + 5_000).map(call));
  };
  let others: number;

  beforeAll(async () => {
    others = (await manager.stats()).objects;
    await inBatches((index) =>
      index % 2 === 0 ? manager.dict<string, number>(nameOf(index)).set('index', index) : manager.list(nameOf(index)).push(index),
    );
  });

  test('are counted', async () => {
    expect((await manager.stats()).objects).toBe(MANY + others);
  });

  test('are listed page by page, in the order of their names', async () => {
    const names = (await collect(manager.objects({ match: 'many-*' }))).map(({ name }) => name);
    expect(names).toEqual(range(0, MANY).map(nameOf));
  });

  test('are found by kind and by pattern', async () => {
    const names = (await collect(manager.objects({ kind: 'list', match: 'many-0023*' }))).map(({ name }) => name);
    expect(names).toEqual(range(0, 50).map((index) => nameOf(2_300 + 2 * index + 1)));
    expect(await collect(manager.objects({ kind: 'lock', match: 'many-*' }))).toEqual([]);
    const middle = (await collect(manager.objects({ match: `*${MANY - 1}` }))).map(({ name }) => name);
    expect(middle).toEqual([nameOf(MANY - 1)]);
  });

  test('are listed no further than asked', async () => {
    const before = (await manager.stats()).callsTotal;
    const seen: ObjectInfo[] = [];
    for await (const object of manager.objects({ match: 'many-*' })) {
      seen.push(object);
      if (seen.length === 1_500) break;
    }
    expect(seen.map(({ name }) => name)).toEqual(range(0, 1_500).map(nameOf));
    expect((await manager.stats()).callsTotal - before).toBe(3);
  });

  test('are described, each by its kind', async () => {
    const objects = await collect(manager.objects({ match: 'many-00050*' }));
    expect(objects.map(({ kind, size, waiters, holders }) => ({ kind, size, waiters, holders }))).toEqual(
      range(0, 10).map((index) => ({ kind: index % 2 === 0 ? 'dict' : 'list', size: 1, waiters: 0, holders: [] })),
    );
    expect(await Promise.all(range(0, 1_000).map((index) => manager.dict(nameOf(2 * index)).exists()))).not.toContain(false);
    expect(await manager.dict<string, number>(nameOf(4_776)).get('index')).toBe(4_776);
  });

  test('are destroyed', async () => {
    await inBatches(async (index) => {
      const object = index % 2 === 0 ? manager.dict(nameOf(index)) : manager.list(nameOf(index));
      expect(await object.destroy()).toBe(true);
    });
    expect((await manager.stats()).objects).toBe(others);
    expect(await collect(manager.objects({ match: 'many-*' }))).toEqual([]);
  });
});

describe('many calls of one turn', () => {
  const MANY = stress(3_000, 20_000);

  test('start in the order made, and each gets its own answer', async () => {
    const value = manager.value(fresh('value'), 0);
    expect(await Promise.all(range(0, MANY).map(() => value.add(1)))).toEqual(range(1, MANY + 1));
    const dict = manager.dict<number, string>(fresh('dict'));
    const calls = range(0, MANY).map(async (index) => {
      void dict.set(index % 100, `text ${index}`);
      return dict.get(index % 100);
    });
    expect(await Promise.all(calls)).toEqual(range(0, MANY).map((index) => `text ${index}`));
  });

  test('may all wait, and are served first come, first served', async () => {
    const items = manager.queue<number>(fresh('items'));
    const calls = range(0, MANY).map(() => items.get());
    expect((await manager.stats()).waiters).toBe(MANY);
    await items.putMany(range(0, MANY));
    expect(await Promise.all(calls)).toEqual(range(0, MANY));
  });

  test('may all wait for one lock, and each gets it in turn', async () => {
    const lock = manager.lock(fresh('lock'));
    const order: number[] = [];
    await Promise.all(range(0, MANY).map((index) => lock.run(() => order.push(index))));
    expect(order).toEqual(range(0, MANY));
    expect(await lock.locked()).toBe(false);
  });

  test('that wait may all be aborted at once', async () => {
    const items = manager.queue<number>(fresh('items'));
    const controller = new AbortController();
    const reason = new Error('enough');
    const calls = range(0, MANY).map(() => items.get({ signal: controller.signal }).catch((error: unknown) => error));
    expect((await manager.stats()).waiters).toBe(MANY);
    controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    expect((await manager.stats()).waiters).toBe(0);
    await items.put(1);
    expect(await items.size()).toBe(1);
  });

  test('that wait on 1,000 queues end with NotFoundError when the queues are destroyed', async () => {
    const queues = range(0, 1_000).map(() => manager.queue<number>());
    const calls = queues.map((queue) => queue.get());
    const outcomes = Promise.allSettled(calls);
    await Promise.all(queues.map((queue) => queue.destroy()));
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(NotFoundError) });
  });
});
