import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HistoryLostError, InvalidArgumentError, Manager, ManagerUnavailableError, type DictChange, type ListChange } from 'commonhold';
import { begun, grow, one, take } from '../conformance/watching.js';
import { collect, fresh, queued, range, roundTrip, watch } from '../conformance/support.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type writer from './programs/watch-writer.js';

// Watches beside connections that break, daemons that end, and many other watches.

const WRITER = new URL('./programs/watch-writer.js', import.meta.url);
const PROGRAM = new URL('./programs/watcher.js', import.meta.url);

let daemon: Daemon;
/** A client whose connection stays. */
let manager: Manager;
let proxy: Proxy;
/** Clients whose connections can be cut: the session of the first survives that, the second one's is lost soon. */
let lasting: Manager;
let brief: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--watch-history', '5000']);
  manager = await Manager.connect(daemon.address);
  proxy = await Proxy.to(daemon.address);
  lasting = await Manager.connect(proxy.address);
  brief = await Manager.connect(proxy.address, { lease: 100 });
});

afterAll(async () => {
  await Promise.all([lasting.close(), brief.close()]);
  await proxy[Symbol.asyncDispose]();
  await manager.close();
  await daemon.stop();
});

describe.each(['connection is cut', 'session is lost'])('a watch whose %s', (end) => {
  let shaky: Manager;
  beforeAll(() => {
    shaky = end === 'session is lost' ? brief : lasting;
  });

  /** Cuts the connection until `proxy.mend()`, and waits until the client knows, or until both sides know that the session is lost. */
  async function cut(): Promise<void> {
    const known = new Promise<unknown>((resolve) => shaky.on(shaky === lasting ? 'disconnected' : 'expired', resolve));
    proxy.close();
    await known;
    // The others are the test's own and the lasting one.
    if (shaky === brief) await until('it is lost', async () => (await manager.stats()).sessions <= 2);
  }

  test('while it waits continues by itself, and loses nothing (dict)', async () => {
    const dict = manager.dict<string, number>(fresh('dict'));
    const changes = await begun(shaky, shaky.dict<string, number>(dict.name).watch());
    await dict.set('before', 1);
    expect(await one(changes)).toMatchObject({ key: 'before' });
    const next = await queued(shaky, changes.next());
    const { sessionId } = shaky;
    await cut();
    await dict.set('meanwhile', 2);
    await dict.delete('before');
    proxy.mend();
    expect((await next.promise).value).toMatchObject({ type: 'set', key: 'meanwhile', value: 2 });
    expect(shaky.sessionId === sessionId).toBe(shaky === lasting);
    await dict.destroy();
    expect((await collect(changes)).map(({ type }) => type)).toEqual(['delete', 'destroy']);
  });

  test('while it waits continues by itself, and loses nothing (list)', async () => {
    const list = manager.list<number>(fresh('list'));
    const changes = await begun(shaky, shaky.list<number>(list.name).watch());
    const next = await queued(shaky, changes.next());
    await cut();
    await list.push(1, 2);
    await list.reverse();
    proxy.mend();
    expect((await next.promise).value).toMatchObject({ type: 'insert', values: [1, 2] });
    expect(await one(changes)).toMatchObject({ type: 'reorder', order: [1, 0] });
    await changes.return!();
  });

  test('while it waits for the next dict of its name goes on with it', async () => {
    const name = fresh('dict');
    const changes = await begun(shaky, shaky.dict<string, number>(name).watch({ follow: true }));
    await manager.dict(name).destroy();
    expect(await one(changes)).toMatchObject({ type: 'destroy' });
    const next = await queued(shaky, changes.next());
    await cut();
    await manager.dict<string, number>(name).set('a', 1);
    proxy.mend();
    expect(await next.promise).toMatchObject({ value: { type: 'set', key: 'a' } });
    await changes.return!();
  });

  test('while it waits for the next value of its name goes on with it', async () => {
    const name = fresh('value');
    const values = shaky.value(name, 0).watch({ follow: true });
    expect(await one(values)).toBe(0);
    await manager.value(name, 0).destroy();
    const next = await queued(shaky, values.next());
    await cut();
    await manager.value(name, 1).create();
    proxy.mend();
    expect(await next.promise).toMatchObject({ value: 1 });
    await values.return!();
  });

  test('between two steps continues after its last report', async () => {
    const dict = manager.dict<string, number>(fresh('dict'));
    const changes = await begun(shaky, shaky.dict<string, number>(dict.name).watch());
    for (const number of range(0, 2500)) void dict.set('a', number);
    await dict.size();
    const seen = (await take(changes, 500)).map(({ value }) => value);
    await cut();
    proxy.mend();
    await dict.destroy();
    for await (const change of changes) if (change.type === 'set') seen.push(change.value);
    expect(seen).toEqual(range(0, 2500));
  });

  test('again and again, beside a writer, reports every change once and in order', async () => {
    const dict = manager.dict<string, number>(fresh('dict'));
    const changes = await begun(shaky, shaky.dict<string, number>(dict.name).watch());
    const COUNT = stress(1000, 3000);
    const writing = (async () => {
      for (const number of range(0, COUNT)) {
        await dict.set('a', number);
        if (number % 100 === 50) proxy.cut();
      }
    })();
    const told = await take(changes, COUNT);
    await writing;
    expect(told.map(({ value }) => value)).toEqual(range(0, COUNT));
    expect(grow(told)).toBe(true);
    await changes.return!();
  });

  test('throws HistoryLostError if more changes happened meanwhile than are kept', async () => {
    const dict = manager.dict<number, number>(fresh('dict'));
    const changes = await begun(shaky, shaky.dict<number, number>(dict.name).watch());
    const next = await queued(shaky, changes.next());
    await cut();
    await dict.setMany(range(0, 5001).map((number): [number, number] => [number, number]));
    proxy.mend();
    await expect(next.promise).rejects.toBeInstanceOf(HistoryLostError);
  });

  test('continues for its key, however many changes of others it waited through', async () => {
    const dict = manager.dict<number, number>(fresh('dict'));
    const changes = await begun(shaky, shaky.dict<number, number>(dict.name).watch({ key: -1 }));
    const next = await queued(shaky, changes.next());
    for (const _ of range(0, 4)) {
      await dict.setMany(range(0, 4000).map((number): [number, number] => [number, number]));
      await roundTrip(shaky);
    }
    await cut();
    await dict.set(-1, 1);
    proxy.mend();
    expect((await next.promise).value).toMatchObject({ key: -1 });
    await changes.return!();
  });

  test('continues with the present state (value, event, queue)', async () => {
    const value = manager.value(fresh('value'), 1);
    const event = manager.event(fresh('event'));
    const queue = manager.queue<number>(fresh('queue'));
    await value.get();
    const watches: AsyncIterableIterator<unknown>[] = [
      shaky.value(value.name, 0).watch(),
      shaky.event(event.name).watch(),
      shaky.queue(queue.name).watch(),
    ];
    expect(await Promise.all(watches.map((each) => one(each)))).toEqual([1, false, 0]);
    const waiting = await Promise.all(watches.map((each) => queued(shaky, each.next())));
    await cut();
    await Promise.all([value.set(2), event.set(), queue.putMany([1, 2, 3])]);
    proxy.mend();
    expect(await Promise.all(waiting.map(async ({ promise }) => (await promise).value as unknown))).toEqual([2, true, 3]);
    await cut();
    proxy.mend();
    // A state that was reported is not reported again.
    const next = await queued(shaky, watches[0]!.next());
    await turn();
    expect(next.settled).toBe(false);
    await value.set(3);
    expect((await next.promise).value).toBe(3);
    for (const each of watches) await each.return!();
  });

  test('ends if its value was destroyed meanwhile, and makes no new one', async () => {
    const value = manager.value(fresh('value'), 1);
    const values = shaky.value(value.name, 1).watch();
    expect(await one(values)).toBe(1);
    await cut();
    proxy.mend();
    await value.destroy();
    expect(await values.next()).toEqual({ done: true, value: undefined });
    expect(await value.exists()).toBe(false);
  });

  test('ends by its signal, and by return(), also without a connection', async () => {
    const dict = shaky.dict(fresh('dict'));
    const controller = new AbortController();
    const aborted = await begun(shaky, dict.watch({ signal: controller.signal }));
    const left = await begun(shaky, dict.watch());
    await cut();
    proxy.mend();
    const next = watch(aborted.next());
    controller.abort(new Error('enough'));
    await expect(next.promise).rejects.toThrow('enough');
    await left.return!();
    expect(await left.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a watch whose manager is killed', () => {
  test('fails with the reason', async () => {
    const gone = await Daemon.serve();
    await using client = await Manager.connect(gone.address, { callTimeout: 3000 });
    const watches: AsyncIterableIterator<unknown>[] = [client.dict('d').watch(), client.list('l').watch(), client.queue('q').watch()];
    await one(watches[2]!);
    const waiting = await Promise.all(watches.map((each) => queued(client, each.next())));
    await gone.program.kill();
    for (const { promise } of waiting) await expect(promise).rejects.toBeInstanceOf(ManagerUnavailableError);
  });

  test('ends with the watched object if another manager takes its place', async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('manager.sock')}`;
    const first = await Daemon.serve(['--listen', address]);
    await using client = await Manager.connect(address);
    const changes = client.dict<string, number>('d').watch();
    const values = client.value('v', 1).watch();
    await client.dict('d').set('a', 1);
    await Promise.all([one(changes), one(values)]);
    const rest = Promise.all([collect(changes), collect(values)]);
    await first.program.kill();
    await using second = await Daemon.serve(['--listen', address]);
    const [changesLeft, valuesLeft] = await rest;
    expect(changesLeft).toMatchObject([{ type: 'destroy' }]);
    expect(valuesLeft).toEqual([]);
    expect(await client.dict('d').exists()).toBe(false);
    await second.stop();
  });
});

test('a watch that follows a name goes on in the manager that takes the place of its own', async () => {
  using directory = new Temporary();
  const address = `unix:${directory.join('manager.sock')}`;
  const first = await Daemon.serve(['--listen', address]);
  await using client = await Manager.connect(address);
  const dict = client.dict<string, number>('d');
  const [changes, others] = [dict.watch({ follow: true }), client.list<number>('l').watch({ follow: true })];
  const values = client.value('v', 0).watch({ follow: true });
  await dict.set('a', 1);
  expect([await one(changes), await one(values)]).toMatchObject([{ key: 'a' }, 0]);
  const ends = Promise.all([one(changes), one(others)]);
  await first.program.kill();
  await using second = await Daemon.serve(['--listen', address]);
  expect(await ends).toMatchObject([{ type: 'destroy' }, { type: 'destroy' }]);
  const next = await queued(client, one(values));
  expect([await dict.exists(), await client.value('v', 0).exists()]).toEqual([false, false]);
  await client.value('v', 5).create();
  expect(await next.promise).toBe(5);
  await client.list('l').push(1);
  await dict.set('b', 2);
  const told = [await one(changes), await one(others)];
  expect(told).toMatchObject([
    { type: 'set', key: 'b', value: 2 },
    { type: 'insert', values: [1] },
  ]);
  await second.stop();
});

describe('a watch', () => {
  test('reports all changes of four processes, so that a copy equals the dict and the list', async () => {
    const dict = manager.dict<string, number>(fresh('dict'));
    const list = manager.list<number>(fresh('list'));
    const [dictChanges, listChanges] = await begun(manager, [dict.watch(), list.watch()] as const);
    const copying = [copyDict(dictChanges), copyList(listChanges)] as const;
    const workers = range(0, 4).map((id) => manager.fork<{ default: typeof writer }>(WRITER, id, 300, dict, list));
    await Promise.all(workers.map(({ result }) => result));
    const content = [[...(await dict.toMap())], await list.toArray()];
    await Promise.all([dict.set('end', 0), list.push(Infinity)]);
    expect(await Promise.all(copying)).toEqual(content);
  });

  test('of very many on one dict reports all changes to each', async () => {
    const [each, count] = [stress(25, 250), stress(40, 100)];
    const dict = manager.dict<number, number>(fresh('dict'));
    const clients = await Promise.all(range(0, 4).map(() => Manager.connect(daemon.address)));
    const loops = clients.flatMap((client) => range(0, each).map(() => collect(client.dict<number, number>(dict.name).watch())));
    await until('all wait', async () => (await collect(manager.objects({ match: dict.name })))[0]?.waiters === 4 * each);
    for (const number of range(0, count)) await dict.set(number % 10, number);
    await dict.destroy();
    for (const told of await Promise.all(loops)) expect(told.map(({ value }) => value)).toEqual([...range(0, count), undefined]);
    await Promise.all(clients.map((client) => client.close()));
  });

  test('that is never iterated costs the manager no more than its history, and its program nothing', async () => {
    // A manager of its own: its calls are counted.
    await using own = await Manager.start({ watchHistory: 5000 });
    const dict = own.dict<number, string>(fresh('dict'));
    const idle = range(0, 100).map(() => dict.watch());
    await own.stats();
    const calls = (await own.stats()).callsTotal;
    const rounds = stress(20, 100);
    for (const round of range(0, rounds)) await dict.setMany(range(0, 1000).map((number): [number, string] => [number, `text ${round}`]));
    expect((await own.stats()).callsTotal - calls).toBe(rounds + 1);
    for (const changes of idle) await changes.return!();
  });
});

describe('a program', () => {
  test('ends by itself though it never iterates its watches, without a message of failures', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['forgets', daemon.address]).exited;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'forgot\n', stderr: '' });
  });

  test('ends by itself when it left its loop', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['leaves', daemon.address]).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'told of a\n' });
  });

  test('stays alive while its loop waits', async () => {
    await using waiting = Program.node(PROGRAM, ['waits', daemon.address]);
    await waiting.said(/waiting/);
    await until('it waits', async () => (await collect(manager.objects({ match: 'event' })))[0]?.waiters === 1);
    await manager.event('event').set();
    expect(await waiting.exited).toMatchObject({ code: 0, stdout: 'waiting\nset\n' });
  });
});

describe('the number of changes kept', () => {
  test('is an option of a daemon, and of a manager that a program starts', async () => {
    await using served = await Daemon.serve(['--listen', '127.0.0.1:0', '--watch-history', '3']);
    await using client = await Manager.connect(served.address);
    await using started = await Manager.start({ watchHistory: 3 });
    for (const each of [client, started]) {
      const dict = each.dict<string, number>(fresh('dict'));
      const [enough, lost] = [dict.watch(), dict.watch()];
      for (const number of range(0, 3)) await dict.set('a', number);
      expect((await take(enough, 3)).map(({ value }) => value)).toEqual([0, 1, 2]);
      await dict.set('a', 3);
      await expect(one(lost)).rejects.toBeInstanceOf(HistoryLostError);
      await enough.return!();
    }
    await served.stop();
  });

  test.each([0, -1, 1.5, NaN])('is refused if it is invalid (%p)', async (watchHistory) => {
    const failure: unknown = await Manager.start({ watchHistory }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidArgumentError);
    expect(failure).toMatchObject({ message: expect.stringContaining('watchHistory') });
  });

  test('is refused if it is no number', async () => {
    const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--watch-history', 'all']);
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining('--watch-history') });
  });

  test('fits messages of any permitted size', async () => {
    await using small = await Manager.start({ maxPayload: 2000 });
    const dict = small.dict<string, number>(fresh('dict'));
    const changes = dict.watch();
    for (const number of range(0, 500)) void dict.set('a', number);
    expect((await take(changes, 500)).map(({ value }) => value)).toEqual(range(0, 500));
    await changes.return!();
  });
});

async function copyDict(changes: AsyncIterable<DictChange<string, number>>): Promise<[string, number][]> {
  const copy = new Map<string, number>();
  for await (const { type, key, value } of changes) {
    if (key === 'end') break;
    if (type === 'set') copy.set(key, value);
    else copy.delete(key!);
  }
  return [...copy];
}

async function copyList(changes: AsyncIterable<ListChange<number>>): Promise<number[]> {
  let copy: number[] = [];
  for await (const { type, index, count, values, order } of changes) {
    if (values?.[0] === Infinity) break;
    if (type === 'reorder') copy = order.map((place) => copy[place]!);
    else copy.splice(index, type === 'insert' ? 0 : count, ...(values ?? []));
  }
  return copy;
}
