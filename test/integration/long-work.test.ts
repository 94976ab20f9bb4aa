import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LimitExceededError, Manager, PayloadTooLargeError } from 'commonhold';
import { collect, fresh, range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';

// Calls that would hold up the other clients of a manager.

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon.stop();
});

const MIB = 1024 * 1024;

test('other clients are served between the long calls that came in one frame', async () => {
  await using other = await Manager.connect(daemon.address);
  const list = manager.list<object>(fresh('list'));
  await list.extend(range(0, 20_000).map((id) => ({ id, name: `item ${id}` })));
  const dict = await other.dict<string, number>(fresh('dict')).create();
  const events: string[] = [];
  const calls = range(0, 200).map((n) => list.indexOf({ id: -1 }).then(() => events.push(`call ${n}`)));
  await calls[0];
  await dict.set('a', 1);
  events.push('the other client');
  await Promise.all(calls);
  expect(events.filter((event) => event.startsWith('call'))).toEqual(range(0, 200).map((n) => `call ${n}`));
  expect(events.at(-1)).toBe('call 199');
  expect(events).toContain('the other client');
});

test('calls that wait for the next slice are executed although their client has gone', async () => {
  const leaving = await Manager.connect(daemon.address);
  const [items, calls] = [manager.list<object>(fresh('list')), manager.value(fresh('value'), 0)];
  await items.extend(range(0, 20_000).map((id) => ({ id, name: `item ${id}` })));
  await calls.create();
  const theirs = [leaving.list<object>(items.name), leaving.value(calls.name, 0)] as const;
  const made = range(0, 50).flatMap(() => [theirs[0].indexOf({ id: -1 }), theirs[1].add(1)]);
  await leaving.close();
  await Promise.allSettled(made);
  for await (const executed of calls.watch()) if (executed === 50) break;
});

test('objects of which the names match a pattern of many parts are listed page by page', async () => {
  const prefix = fresh('event');
  const names = range(0, 2_500).map((n) => `${prefix} ${'a'.repeat(400)}${n}`);
  await Promise.all(names.map((name) => manager.event(name).set()));
  const listed = async (match: string): Promise<string[]> => (await collect(manager.objects({ match }))).map(({ name }) => name);
  expect(await listed(`${prefix}${'*a'.repeat(300)}*0*`)).toEqual(names.filter((name) => name.slice(-4).includes('0')).sort());
  expect(await listed(`${prefix}${'*a'.repeat(300)}*b*`)).toEqual([]);
});

describe('is refused, and changes nothing:', () => {
  test('more values in one call than a manager stores at once', async () => {
    const list = await manager.list<null>(fresh('list')).create();
    const values = new Array<null>(2 ** 18 + 1).fill(null);
    await expect(list.extend(values)).rejects.toThrow(PayloadTooLargeError);
    await expect(list.extend(values)).rejects.toThrow(/more than 262144 values in one call: divide them/);
    expect(await list.length()).toBe(0);
    await list.extend(values.slice(1));
    expect(await list.length()).toBe(2 ** 18);
  });

  test('a sort of a list of more than 16 MiB', async () => {
    const list = await manager.list<string>(fresh('list')).create();
    const text = 'x'.repeat(MIB);
    await list.extend(['b', ...range(0, 15).map(() => text), 'a']);
    await list.sort();
    expect(await list.at(0)).toBe('a');
    await list.push(text);
    const refused = list.sort();
    await expect(refused).rejects.toThrow(LimitExceededError);
    await expect(refused).rejects.toThrow(/sort it in the program/);
    expect(await list.at(-1)).toBe(text);
  });

  test.each([
    ['a Map', (numbers: number[]) => new Map(numbers.map((n) => [n, 'x']))],
    ['a Set', (numbers: number[]) => new Set(numbers)],
  ])('an operation inside a value with more than 8,192 numbers in %s', async (_what, collection) => {
    const dict = manager.dict<string, { of: unknown; list: number[] }>(fresh('dict'));
    await dict.set('key', { of: collection(range(0, 8_192)), list: [] });
    expect(await dict.path('key', 'list').push(1)).toBe(1);
    await dict.set('key', { of: collection(range(0, 8_193)), list: [] });
    await expect(dict.path('key', 'list').push(1)).rejects.toThrow(/at most 8192 numbers in Maps and Sets, and this one has 8193/);
    expect((await dict.get('key'))?.list).toEqual([]);
  });

  test('an operation inside a value of more than 4 MiB, which can still be read, compared and replaced', async () => {
    const dict = manager.dict<string, { text: string; list: number[] }>(fresh('dict'));
    const value = { text: 'x'.repeat(4 * MIB), list: [1] };
    await dict.set('key', value);
    const refused = dict.path('key', 'list').push(2);
    await expect(refused).rejects.toThrow(PayloadTooLargeError);
    await expect(refused).rejects.toThrow(/looks into values of at most 4194304 bytes/);
    expect(await dict.get('key')).toEqual(value);
    expect(await dict.compareAndSet('key', { list: [2], text: value.text }, { text: '', list: [] })).toBe(false);
    expect(await dict.compareAndSet('key', { list: [1], text: value.text }, { text: '', list: [] })).toBe(true);
    expect(await dict.path('key', 'list').push(2)).toBe(1);
  });
});
