import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh } from '../conformance/support.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// An item or hold with which a promise resolves belongs to the program, even if it ends at that moment.

const TAKE = new URL('./programs/take-and-end.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** Runs the program to its end, and waits until the manager knows of it. */
async function run(how: string, name: string, end: string): Promise<void> {
  await Program.node(TAKE, [manager.address, how, name, end]).exited;
  await until('its session is over', async () => (await manager.stats()).sessions === 1);
}

describe.each([
  ['exits', 'exit'],
  ['is killed', 'kill'],
])('a program that %s at the moment in which it has', (_, end) => {
  test.each([
    ['the item of get()', 'get', 1],
    ['the item of tryGet()', 'tryGet', 1],
    ['the items of getMany()', 'getMany', 2],
    ['the items of two get() at a time', 'two at a time', 2],
    ['the first item of a loop', 'loop', 1],
  ])('%s does not find it in the queue again', async (_, how, taken) => {
    const queue = manager.queue<string>(fresh('queue'));
    await queue.putMany(['first', 'second', 'third']);
    await run(how, queue.name, end);
    expect(await queue.peek(9)).toEqual(['first', 'second', 'third'].slice(taken));
  });

  test('a message of receive() does not find it in the pipe again', async () => {
    const name = fresh('pipe');
    const [receiver, sender] = manager.pipe<string>(name);
    await receiver.open();
    await sender.send('first');
    await run('receive', name, end);
    expect(await receiver.poll({ timeout: 0 })).toBe(false);
  });

  test.each([
    ['a delivery', 'delivery'],
    ['a delivery of a loop', 'deliveries'],
  ])('%s has used up one of its attempts', async (_, how) => {
    const queue = manager.queue<string>(fresh('queue'));
    await queue.put('poison');
    await run(how, queue.name, end);
    expect((await queue.get({ ack: true })).attempts).toBe(2);
  });
});
