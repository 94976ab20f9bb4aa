import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, ManagerUnavailableError, type SharedList } from 'commonhold';
import { fresh } from '../conformance/support.js';
import type foreign from './programs/foreign.js';

// A reference to an object of another manager gives that manager's object, or an error; never an object of the same name here.

const PROGRAM = new URL('./programs/foreign.js', import.meta.url);

let here: Manager;
let there: Manager;

beforeAll(async () => {
  [here, there] = await Promise.all([Manager.embed(), Manager.embed()]);
});

afterAll(() => Promise.all([here.close(), there.close()]));

/** Makes a list of that manager, and one of the same name at this. */
async function twins(): Promise<SharedList<string>> {
  const list = there.list<string>(fresh('list'));
  await list.push('there');
  await here.list<string>(list.name).push('here');
  return list;
}

describe('a proxy of an object of another manager', () => {
  test('that is stored stands for that object', async () => {
    const list = await twins();
    const dict = here.dict<string, SharedList<string>>(fresh('dict'));
    await dict.set('x', list);
    await using other = await Manager.connect(here.address);
    const read = (await other.dict<string, SharedList<string>>(dict.name).get('x'))!;
    expect(await read.toArray()).toEqual(['there']);
    await read.push('more');
    expect(await list.toArray()).toEqual(['there', 'more']);
    expect(await here.list(list.name).toArray()).toEqual(['here']);
  });

  test('that is opened by its reference stands for that object', async () => {
    const list = await twins();
    const opened = here.open(list.toJSON()) as SharedList<string>;
    expect(await opened.toArray()).toEqual(['there']);
  });

  test.each(['fork', 'thread'] as const)('that is given to a worker stands for that object (%s)', async (how) => {
    const list = await twins();
    expect(await here[how]<{ default: typeof foreign }>(PROGRAM, list, how).result).toEqual(['there']);
    expect(await list.toArray()).toEqual(['there', how]);
  });

  test('without a name is found there', async () => {
    const list = there.list<number>();
    await list.push(1);
    const queue = here.queue<SharedList<number>>(fresh('queue'));
    await queue.put(list);
    expect(await (await queue.get()).toArray()).toEqual([1]);
  });

  test('is the other side of a set', async () => {
    const [one, two] = [here.set<number>(fresh('set')), there.set<number>(fresh('set'))];
    await Promise.all([one.add(1), two.add(2)]);
    expect(await one.union(two)).toEqual(new Set([1, 2]));
  });

  test('is refused in an operation of this manager that must be one step', async () => {
    const name = fresh('name');
    const dict = here.dict<string, number>(fresh('dict'));
    await expect(here.atomic().set(dict, 'a', 1).push(there.list<number>(name), 1).commit()).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(() => here.condition(fresh('condition'), there.lock(name))).toThrow(InvalidArgumentError);
    const deadLetter = { queue: there.queue(name), maxDeliveries: 1 };
    expect(() => here.queue(fresh('queue'), { deadLetter })).toThrow(InvalidArgumentError);
    await using held = await there.lock(fresh('lock')).acquire();
    await expect(dict.set('a', 1, { fence: held })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(here.condition(fresh('condition')).wait(held)).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(here.lock(fresh('lock')).acquire({ owner: there.owner() })).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await dict.size()).toBe(0);
  });

  test('that cannot be reached is an error', async () => {
    const list = here.list<string>(fresh('list'));
    await list.push('here');
    const opened = here.open({ kind: 'list', name: list.name, address: 'unix:/nowhere/manager.sock' }) as SharedList<string>;
    await expect(opened.toArray()).rejects.toBeInstanceOf(ManagerUnavailableError);
  });
});
