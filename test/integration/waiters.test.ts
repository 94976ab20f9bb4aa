import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, type Event, type SharedQueue, type WorkerHandle } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { COLLECTS_GARBAGE, Daemon } from '../support/daemon.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type { Order, Woken } from './programs/waiters.js';

// Thousands of calls of four processes that wait on one object: their order, their cost for the manager, and their end by an abort.

const WAITERS = new URL('./programs/waiters.js', import.meta.url);

const MANY = stress(2_000, 10_000);
const PROCESSES = 4;
/** Number of calls that a process makes before it is the next one's turn. */
const TURN = 250;
/** The most bytes that a waiting call may take of the manager's memory. */
const BYTES_EACH = 4096;

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(undefined, COLLECTS_GARBAGE);
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon.stop();
});

/** Numbers of the calls that a process makes, in their order: call number n is the n-th to wait. */
function numbersOf(process: number): number[] {
  return range(0, MANY).filter((number) => Math.floor(number / TURN) % PROCESSES === process);
}

/** Processes that wait on one object, and take orders. */
class Crowd implements AsyncDisposable {
  readonly #orders: readonly SharedQueue<Order>[];
  readonly #processes: readonly WorkerHandle<Woken[]>[];

  constructor(readonly target: SharedQueue<number> | Event) {
    this.#orders = range(0, PROCESSES).map(() => manager.queue<Order>());
    this.#processes = this.#orders.map((orders) => manager.fork<typeof import('./programs/waiters.js')>(WAITERS, target, orders));
  }

  /** Number of calls that wait on the object. */
  async waiting(): Promise<number> {
    for await (const { waiters } of manager.objects({ match: this.target.name })) return waiters;
    return 0;
  }

  /** Has all calls made, by the processes in turns. */
  async gather(): Promise<void> {
    for (let first = 0; first < MANY; first += TURN) {
      await this.#orders[(first / TURN) % PROCESSES]!.put({ first, count: TURN });
      await until(`${first + TURN} calls wait`, async () => (await this.waiting()) === first + TURN);
    }
  }

  async giveUp(): Promise<void> {
    await Promise.all(this.#orders.map((orders) => orders.put('give up')));
  }

  kill(process: number): Promise<void> {
    return this.#processes[process]!.kill();
  }

  /** Ends of the calls of each live process, in the order of the calls. Waits for all of them. */
  async ended(): Promise<(readonly Woken[] | undefined)[]> {
    await Promise.all(this.#orders.map((orders) => orders.shutdown()));
    return Promise.all(this.#processes.map(async ({ result, isAlive }) => (isAlive ? result : undefined)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}

describe('thousands of calls of four processes that wait on one queue', () => {
  test('cost the manager less than 4 KiB each, and get the items first come, first served', async () => {
    const items = manager.queue<number>(fresh('items'));
    await items.create();
    await using crowd = new Crowd(items);
    const { heap } = (await manager.stats()).memory;
    await crowd.gather();
    expect(((await manager.stats()).memory.heap - heap) / MANY).toBeLessThan(BYTES_EACH);
    await items.putMany(range(0, MANY / 2));
    for (const item of range(MANY / 2, MANY)) void items.put(item);
    const ended = await crowd.ended();
    ended.forEach((woken, process) => expect(woken).toEqual(numbersOf(process).map((number) => ({ number, got: number }))));
    expect([await crowd.waiting(), await items.size()]).toEqual([0, 0]);
  });

  test('abort at once: none is left, and a later item stays', async () => {
    const items = manager.queue<number>(fresh('items'));
    await items.create();
    await using crowd = new Crowd(items);
    await crowd.gather();
    await crowd.giveUp();
    const ended = await crowd.ended();
    ended.forEach((woken, process) => {
      expect(woken).toEqual(numbersOf(process).map((number) => ({ number, reason: 'enough' })));
    });
    expect(await crowd.waiting()).toBe(0);
    await items.put(1);
    expect(await items.size()).toBe(1);
  });

  test('let the others have all items, in their order, if some die with their process', async () => {
    const items = manager.queue<number>(fresh('items'));
    await items.create();
    await using crowd = new Crowd(items);
    await crowd.gather();
    await crowd.kill(1);
    const living = [0, 2, 3].flatMap(numbersOf).sort((a, b) => a - b);
    await until('the dead do not wait any more', async () => (await crowd.waiting()) === living.length);
    await items.putMany(living);
    const ended = await crowd.ended();
    expect(ended[1]).toBeUndefined();
    for (const process of [0, 2, 3]) expect(ended[process]).toEqual(numbersOf(process).map((number) => ({ number, got: number })));
    expect(await items.size()).toBe(0);
  });
});

describe('thousands of calls of four processes that wait on one event', () => {
  test('cost the manager less than 4 KiB each, and are all woken by one set(), each process in the order of its waits', async () => {
    const event = manager.event(fresh('event'));
    await event.create();
    await using crowd = new Crowd(event);
    const { heap } = (await manager.stats()).memory;
    await crowd.gather();
    expect(((await manager.stats()).memory.heap - heap) / MANY).toBeLessThan(BYTES_EACH);
    await event.set();
    expect(await crowd.waiting()).toBe(0);
    const ended = await crowd.ended();
    ended.forEach((woken, process) => expect(woken).toEqual(numbersOf(process).map((number) => ({ number, got: true }))));
  });

  test('abort at once: none is left, and the event is as it was', async () => {
    const event = manager.event(fresh('event'));
    await event.create();
    await using crowd = new Crowd(event);
    await crowd.gather();
    await crowd.giveUp();
    const ended = await crowd.ended();
    ended.forEach((woken, process) => {
      expect(woken).toEqual(numbersOf(process).map((number) => ({ number, reason: 'enough' })));
    });
    expect([await crowd.waiting(), await event.isSet()]).toEqual([0, false]);
  });
});
