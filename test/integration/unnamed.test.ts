import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, type SharedList } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { COLLECTS_GARBAGE, Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type reply from './programs/reply.js';

// Objects without a name leave nothing behind, however those end that refer to them.

const LITTER = new URL('./programs/litter.js', import.meta.url);
const REPLY = new URL('./programs/reply.js', import.meta.url);
const MANY = stress(20_000, 100_000);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** Makes so many in a container, and lets go of them there. */
async function createAndDrop(manager: Manager, count: number): Promise<void> {
  const objects = async (): Promise<number> => (await manager.stats()).objects;
  const outer = manager.dict<number, SharedList<number>>(fresh('outer'));
  for (let begin = 0; begin < count; begin += 2_000) {
    const lists = range(begin, begin + 2_000).map((index) => ({ index, list: manager.list<number>() }));
    await Promise.all(lists.flatMap(({ index, list }) => [list.push(index), outer.set(index, list), list[Symbol.asyncDispose]()]));
  }
  expect(await objects()).toBe(count + 1);
  const received = (await outer.get(count - 1))!;
  expect(await received.toArray()).toEqual([count - 1]);
  await outer.destroy();
  await until('only what was received is left', async () => (await objects()) === 1);
  await received[Symbol.asyncDispose]();
  await until('nothing is left', async () => (await objects()) === 0);
}

describe('very many objects without a name', () => {
  test('are freed when their container lets go of them, and their memory with them', async () => {
    await using daemon = await Daemon.serve(undefined, COLLECTS_GARBAGE);
    await using other = await Manager.connect(daemon.address);
    // The first round brings the manager to its size.
    await createAndDrop(other, MANY);
    const before = await other.stats();
    await createAndDrop(other, MANY);
    await createAndDrop(other, MANY);
    const after = await other.stats();
    expect(after.memory.heap - before.memory.heap).toBeLessThan(100 * MANY);
  });

  test('leave the bytes that the manager holds as they were', async () => {
    const { bytes } = await manager.stats();
    const list = manager.list<string>();
    await list.push('x'.repeat(1_000));
    expect((await manager.stats()).bytes - bytes).toBeGreaterThanOrEqual(1_000);
    await list[Symbol.asyncDispose]();
    expect((await manager.stats()).bytes).toBe(bytes);
  });

  test('are freed when the process that made them is killed', async () => {
    await using other = await Manager.start();
    await using program = Program.node(LITTER, ['kept', String(MANY)], { COMMONHOLD_ADDRESS: other.address });
    await program.said(new RegExp(`made ${MANY}`));
    expect((await other.stats()).objects).toBe(MANY);
    await program.kill();
    await until('they are gone', async () => (await other.stats()).objects === 0, 60_000);
  });
});

test('proxies that are dropped without a word are collected, and their objects with them', async () => {
  await using other = await Manager.start();
  const flags = { COMMONHOLD_ADDRESS: other.address, NODE_OPTIONS: '--expose-gc' };
  await using program = Program.node(LITTER, ['collected', String(stress(2_000, 5_000))], flags);
  const { code, stdout } = await program.exited;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^made \d+\nleft 0\n$/);
});

test('one that is given to a worker is there for it, although the program lets go of it; so is what the worker gives back', async () => {
  const lists = manager.queue<SharedList<number>>(fresh('lists'));
  const start = async () => {
    const numbers = manager.list<number>();
    const own = manager.list<number>();
    await numbers.push(1, 2, 3);
    await lists.put(own);
    const worker = manager.fork<{ default: typeof reply }>(REPLY, numbers, lists);
    // The worker has claimed it when it asks for the next one.
    await until('the worker waits or is done', async () => (await lists.size()) === 0);
    await Promise.all([numbers[Symbol.asyncDispose](), own[Symbol.asyncDispose]()]);
    return worker.result;
  };
  const result = await start();
  expect(await result.toArray()).toEqual([1, 2, 3]);
  await result[Symbol.asyncDispose]();
  await lists.destroy();
});
