import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, type SharedList } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { COLLECTS_GARBAGE, Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type reply from './programs/reply.js';

// Anonymous objects leave nothing behind, however the objects and clients end that refer to them.

const LITTER = new URL('./programs/litter.js', import.meta.url);
const LENGTH = new URL('./programs/length.js', import.meta.url);
const REPLY = new URL('./programs/reply.js', import.meta.url);
const MANY = stress(8_000, 100_000);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** Makes this many objects in a container, and drops them there. */
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

describe('very many anonymous objects', () => {
  test('are freed when their container drops them, and their memory with them', async () => {
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

  test('keep the number of bytes that the manager holds when they come and go', async () => {
    const { bytes } = await manager.stats();
    const list = manager.list<string>();
    await list.push('x'.repeat(1_000));
    expect((await manager.stats()).bytes - bytes).toBeGreaterThanOrEqual(1_000);
    await list[Symbol.asyncDispose]();
    expect((await manager.stats()).bytes).toBe(bytes);
  });

  test('have ended when the disposal of their last proxies resolves', async () => {
    const { objects } = await manager.stats();
    for (let round = 0; round < 100; round++) {
      const lists = [manager.list<number>(), manager.list<number>()];
      await Promise.all(lists.map((list) => list.push(round)));
      await Promise.all(lists.map((list) => list[Symbol.asyncDispose]()));
      expect((await manager.stats()).objects).toBe(objects);
    }
  });

  test('are freed when the process that made them is killed', async () => {
    await using other = await Manager.start();
    await using program = Program.node(LITTER, ['kept', String(MANY)], { COMMONHOLD_ADDRESS: other.address });
    await program.said(new RegExp(`made ${MANY}`));
    expect((await other.stats()).objects).toBe(MANY);
    await program.kill();
    await until('they are gone', async () => (await other.stats()).objects === 0);
  });
});

test('are freed when their proxies are collected undisposed', async () => {
  await using other = await Manager.start();
  const flags = { COMMONHOLD_ADDRESS: other.address, NODE_OPTIONS: '--expose-gc' };
  await using program = Program.node(LITTER, ['collected', String(stress(1_000, 5_000))], flags);
  const { code, stdout } = await program.exited;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^made \d+\nleft 0\n$/);
});

describe('an object that the program drops as soon as a worker was given it is there for the worker, and gone afterwards', () => {
  type Module = typeof import('./programs/length.js');
  /** Gives a list to a worker, drops it at once, and returns the worker's result. */
  const giveAway = async (give: (list: SharedList<number>) => Promise<number>): Promise<void> => {
    const { objects } = await manager.stats();
    const list = manager.list<number>();
    await list.push(1, 2, 3);
    const found = give(list);
    await list[Symbol.asyncDispose]();
    expect(await found).toBe(3);
    await until('it is gone', async () => (await manager.stats()).objects <= objects);
  };

  test.each(['fork', 'thread'] as const)('%s', async (start) => {
    await giveAway((list) => manager[start]<Module>(LENGTH, list).result);
  });

  test.each(['processes', 'threads'] as const)('as an input of a pool of %s, also with a cancelled call', async (kind) => {
    await giveAway(async (list) => {
      await using pool = manager.pool<Pick<Module, 'default'>>(LENGTH, { [kind]: 1 });
      const aborted = AbortSignal.abort();
      const refused = expect(pool.submit([list], { signal: aborted })).rejects.toBe(aborted.reason);
      const [one, many] = await Promise.all([pool.apply(list), pool.map([list, list])]);
      await refused;
      return Math.min(one, ...many);
    });
  });

  test.each(['processes', 'threads'] as const)('as the initial argument of the workers of a pool of %s', async (kind) => {
    await giveAway(async (list) => {
      await using pool = manager.pool<Module>(LENGTH, { [kind]: 1, maxTasksPerChild: 1, initializer: [list] });
      return Math.min(await pool.apply(), await pool.apply());
    });
  });
});

test('an object given to a worker is there for it, although the program drops it; so is the one that the worker returns', async () => {
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
