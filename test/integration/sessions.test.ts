import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, type SharedQueue } from 'commonhold';
import { begun, take } from '../conformance/watching.js';
import { collect, fresh, queued, range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { Proxy } from '../support/proxy.js';
import { stress } from '../support/stress.js';

// Sessions whose connections are cut again and again, after any byte in either direction: they lose nothing and do nothing twice.

/** Another seed cuts at other bytes: SESSIONS_SEED=7 make test ARGS=test/integration/sessions. */
const SEED = Number(process.env['SESSIONS_SEED'] ?? 1);
/** More bytes than the welcome of a session, and more than a frame. */
const CUTS = { up: stress(12_000, 400_000), down: stress(40_000, 200_000), seed: SEED };

let daemon: Daemon;
/** A client whose connection stays. */
let witness: Manager;
/** Cuts by itself; the other one only when told. */
let cutter: Proxy;
let calm: Proxy;
const clients: Manager[] = [];

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
  cutter = await Proxy.to(daemon.address, CUTS);
  calm = await Proxy.to(daemon.address);
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await witness.close();
  await Promise.all([cutter, calm].map((proxy) => proxy[Symbol.asyncDispose]()));
  await daemon[Symbol.asyncDispose]();
});

/** Connects to the manager through a proxy. A connection that is cut before its session is open is no session yet. */
async function connect(proxy = cutter): Promise<Manager> {
  for (;;) {
    try {
      const client = await Manager.connect(proxy.address);
      client.on('expired', (reason) => expect(reason).toBe('never'));
      clients.push(client);
      return client;
    } catch (error) {
      expect(error).toMatchObject({ code: 'MANAGER_UNAVAILABLE' });
    }
  }
}

test(`increments by several clients are each applied once (seed ${SEED})`, async () => {
  const COUNT = stress(3_000, 1_000_000);
  const [single, many, atomic] = [COUNT / 20, (COUNT * 4) / 10, COUNT / 10];
  const total = 2 * single + 2 * many + atomic;
  const name = fresh('counts');
  const results: number[] = [];
  const dict = async (): Promise<ReturnType<typeof witness.dict<string, number>>> => (await connect()).dict<string, number>(name);

  const oneByOne = async (): Promise<void> => {
    const counts = await dict();
    for (const _ of range(0, single)) results.push(Number(await counts.add('sum', 1)));
  };
  const manyAtOnce = async (): Promise<void> => {
    const counts = await dict();
    for (let left = many; left > 0; left -= 1_000) {
      const calls = range(0, Math.min(left, 1_000)).map(() => counts.add('sum', 1));
      for (const call of calls) results.push(Number(await call));
    }
  };
  const inBatches = async (): Promise<void> => {
    const client = await connect();
    const counts = client.dict<string, number>(name);
    for (let left = atomic; left > 0; left -= 10) {
      const batch = client.atomic();
      for (const _ of range(0, 10)) batch.add(counts, 'sum', 1);
      const outcome = await batch.commit();
      if (!outcome.ok) throw new Error('there was no check');
      for (const result of outcome.results!) results.push(Number(result));
    }
  };
  await Promise.all([oneByOne(), oneByOne(), manyAtOnce(), manyAtOnce(), inBatches()]);
  expect(total).toBe(COUNT);
  expect(await witness.dict<string, number>(name).get('sum')).toBe(COUNT);
  // Each call has an answer of its own.
  expect(new Set(results).size).toBe(COUNT);
});

describe(`items of a queue (seed ${SEED})`, () => {
  const COUNT = stress(400, 20_000);
  type Take = (queue: SharedQueue<number>, take: (item: number) => void) => Promise<void>;

  const ways: Record<string, Take> = {
    async get(queue, take) {
      for (const _ of range(0, COUNT)) take(await queue.get());
    },
    async getMany(queue, take) {
      for (let left = COUNT; left > 0;) {
        const items = await queue.getMany(Math.min(left, 16));
        left -= items.length;
        items.forEach(take);
      }
    },
    async iteration(queue, take) {
      for await (const item of queue) take(item);
    },
    async 'get with ack'(queue, take) {
      for (const _ of range(0, COUNT)) {
        const delivery = await queue.get({ ack: true });
        take(delivery.value);
        await delivery.ack();
      }
    },
    async deliveries(queue, take) {
      for await (const delivery of queue.deliveries({ prefetch: 8 })) {
        take(delivery.value);
        await delivery.ack();
      }
    },
  };

  test.each(Object.keys(ways))('arrive once and in order by %s, and the puts wait for room', async (way) => {
    const [producer, consumer] = [await connect(), await connect()];
    const items = producer.queue<number>(fresh('items'), { capacity: 32 });
    const produce = async (): Promise<void> => {
      for (let next = 0; next < COUNT; next += 20) {
        await items.putMany(range(next, next + 10));
        await Promise.all(range(next + 10, next + 20).map((item) => items.put(item)));
      }
      await items.shutdown();
    };
    const taken: number[] = [];
    await Promise.all([produce(), ways[way]!(consumer.queue<number>(items.name, { capacity: 32 }), (item) => void taken.push(item))]);
    expect(taken).toEqual(range(0, COUNT));
    expect(await witness.queue(items.name).size()).toBe(0);
  });

  test('that two consumers take arrive once', async () => {
    const producer = await connect();
    const items = producer.queue<number>(fresh('items'));
    const taken: number[] = [];
    const consume = async (): Promise<void> => {
      const mine: number[] = [];
      for await (const item of (await connect()).queue<number>(items.name)) mine.push(item);
      expect(mine).toEqual([...mine].sort((a, b) => a - b));
      taken.push(...mine);
    };
    const consumers = [consume(), consume()];
    for (const item of range(0, COUNT)) await items.put(item);
    await items.shutdown();
    await Promise.all(consumers);
    expect(taken.sort((a, b) => a - b)).toEqual(range(0, COUNT));
  });
});

test(`messages of a pipe arrive once and in order, both ways (seed ${SEED})`, async () => {
  const COUNT = stress(200, 5_000);
  const name = fresh('pipe');
  const [left] = (await connect()).pipe<number, string>(name);
  const [, right] = (await connect()).pipe<number, string>(name);
  const echo = async (): Promise<void> => {
    for await (const message of right) await right.send(String(message));
  };
  const echoing = echo();
  const sending = (async () => {
    for (const number of range(0, COUNT)) await left.send(number);
  })();
  const back: string[] = [];
  while (back.length < COUNT) back.push(await left.receive());
  await sending;
  expect(back).toEqual(range(0, COUNT).map(String));
  await left.close();
  await echoing;
});

test(`a watch reports each change once and in order (seed ${SEED})`, async () => {
  const COUNT = stress(500, 20_000);
  const [writer, watcher] = [await connect(), await connect()];
  const dict = writer.dict<string, number>(fresh('dict'));
  await dict.create();
  const changes = await begun(watcher, watcher.dict<string, number>(dict.name).watch());
  const writing = (async () => {
    for (let next = 0; next < COUNT; next += 10) await Promise.all(range(next, next + 10).map((number) => dict.set('a', number)));
  })();
  const told = await take(changes, COUNT);
  await writing;
  expect(told.map(({ value }) => value)).toEqual(range(0, COUNT));
  await changes.return!();
});

test(`an iteration over a list or a dict has each entry once (seed ${SEED})`, async () => {
  const COUNT = stress(2_000, 50_000);
  const reader = await connect();
  const list = witness.list<number>(fresh('list'));
  const dict = witness.dict<number, number>(fresh('dict'));
  await list.extend(range(0, COUNT));
  await dict.setMany(range(0, COUNT).map((number): [number, number] => [number, number]));
  for (const _ of range(0, 5)) {
    expect(await collect(reader.list<number>(list.name))).toEqual(range(0, COUNT));
    expect((await collect(reader.dict<number, number>(dict.name).keys())).sort((a, b) => a - b)).toEqual(range(0, COUNT));
  }
});

test(`a lock excludes the others at each moment (seed ${SEED})`, async () => {
  const ROUNDS = stress(60, 3_000);
  const [lock, value] = [fresh('lock'), fresh('value')];
  const contend = async (): Promise<void> => {
    const client = await connect();
    const sum = client.value(value, 0);
    for (const _ of range(0, ROUNDS)) {
      await client.lock(lock).run(async (signal) => {
        await sum.set((await sum.get()) + 1);
        expect(signal.aborted).toBe(false);
      });
    }
  };
  await Promise.all([contend(), contend(), contend()]);
  expect(await witness.value(value, 0).get()).toBe(3 * ROUNDS);
});

test('a lock held over many cuts is never lost, and its waiters keep their order', async () => {
  const holder = await connect(calm);
  const lock = fresh('lock');
  const held = await holder.lock(lock).acquire();
  const order: number[] = [];
  const waiters = [await connect(calm), witness, await connect(calm), await connect(calm)];
  const calls = [];
  for (const [index, waiter] of waiters.entries()) {
    const acquiring = waiter.lock(lock).acquire();
    const turn = acquiring.then(async (next) => {
      order.push(index);
      expect(next.abandoned).toBe(false);
      await next.release();
    });
    calls.push(await queued(waiter, turn));
  }
  const guarded = holder.dict<string, number>(fresh('guarded'));
  const CUTS = stress(20, 1_000);
  for (const cut of range(0, CUTS)) {
    calm.cut();
    await Promise.all([guarded.set('cut', cut, { fence: held }), ...waiters.map((waiter) => waiter.stats())]);
    expect(held.signal.aborted).toBe(false);
    expect(calls.some(({ settled }) => settled)).toBe(false);
  }
  expect(await witness.lock(lock).holder()).toMatchObject({ token: held.token });
  calm.cut();
  await held.release();
  await Promise.all(calls.map(({ promise }) => promise));
  await witness.lock(lock).run(() => {});
  expect(order).toEqual(range(0, waiters.length));
});

test('the connections of these tests were cut', () => {
  expect(cutter.cutCount).toBeGreaterThan(10);
});
