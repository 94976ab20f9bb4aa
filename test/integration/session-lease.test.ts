import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync } from 'node:fs';
import { LockLostError, Manager, SessionExpiredError, StaleFenceError, type ConnectOptions, type ManagerError } from 'commonhold';
import { SessionLink } from '../../client/connect/transport/session-link.js';
import { parseAddress } from '../../proto/address.js';
import { aborted, fresh, queued, watch } from '../conformance/support.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';

// Sessions that are lost, because the client was cut off for longer than its lease: the client knows it before another one can hold what it
// held.

let daemon: Daemon;
/** A client whose connection stays. */
let rival: Manager;
let proxy: Proxy;
/** The client that is cut off. */
let client: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  rival = await Manager.connect(daemon.address);
  proxy = await Proxy.to(daemon.address);
});

afterEach(async () => {
  await client.close();
  proxy.mend();
});

afterAll(async () => {
  await rival.close();
  await proxy[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

async function connect(lease: ConnectOptions['lease'] = 500): Promise<Manager> {
  return (client = await Manager.connect(proxy.address, { lease }));
}

/** Cuts the client off until both sides know that its session is lost. */
async function lose(): Promise<void> {
  const { sessions } = await rival.stats();
  proxy.close();
  await until('the session is lost', async () => client.state === 'expired' && (await rival.stats()).sessions === sessions - 1);
}

describe('a client that is cut off for longer than its lease', () => {
  test('knows that its lock is lost before another client has it', async () => {
    const holder = await connect();
    const held = await holder.lock(fresh('lock')).acquire();
    const order: string[] = [];
    const used = aborted(held.signal).then(async () => {
      order.push('aborted');
      await expect(held.extend(1_000)).rejects.toBeInstanceOf(LockLostError);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      order.push('refused');
    });
    const next = rival
      .lock(held.object)
      .acquire()
      .then((hold) => {
        order.push('acquired');
        return hold;
      });
    await queued(rival, next);
    proxy.close();
    const hold = await next;
    await used;
    expect(order).toEqual(['aborted', 'refused', 'acquired']);
    expect(hold.abandoned).toBe(true);
    expect(hold.token).toBeGreaterThan(held.token);
    await hold.release();
  });

  test('changes nothing under the fence of the lost lock', async () => {
    const holder = await connect();
    const held = await holder.lock(fresh('lock')).acquire();
    const dict = holder.dict<string, string>(fresh('dict'));
    await dict.set('by', 'holder', { fence: held });
    await until('the client is cut off', () => {
      proxy.close();
      return holder.state === 'reconnecting';
    });
    const late = dict.set('by', 'cut off', { fence: held });
    await expect(late).rejects.toBeInstanceOf(SessionExpiredError);
    const next = await rival.lock(held.object).acquire();
    proxy.mend();
    await expect(dict.set('by', 'came back', { fence: held })).rejects.toBeInstanceOf(StaleFenceError);
    expect(await dict.get('by')).toBe('holder');
    await next.release();
  });

  test('is told by events, and opens a new session with its next call', async () => {
    const lost = await connect();
    const events: string[] = [];
    for (const event of ['disconnected', 'resumed', 'expired'] as const) lost.on(event, () => events.push(event));
    const { sessionId } = lost;
    await lose();
    expect(events).toEqual(['disconnected', 'expired']);
    proxy.mend();
    await lost.dict('d').size();
    expect(events).toEqual(['disconnected', 'expired', 'resumed']);
    expect(lost.state).toBe('connected');
    expect(lost.sessionId).not.toBe(sessionId);
  });

  test('learns of each unanswered call whether it may have been done', async () => {
    const lost = await connect();
    const full = rival.queue<number>(fresh('full'), { capacity: 1 });
    await full.put(1);
    const put = await queued(lost, lost.queue<number>(full.name).put(2));
    const exists = await queued(lost, lost.event(fresh('event')).wait());
    await until('the client is cut off', () => {
      proxy.close();
      return lost.state === 'reconnecting';
    });
    const [write, read] = [watch(lost.dict<string, number>('d').add('sum', 1)), watch(lost.dict('d').get('a'))];
    await expect(read.promise).rejects.toMatchObject({ code: 'SESSION_EXPIRED', mayHaveExecuted: false });
    // It never left the program.
    await expect(write.promise).rejects.toMatchObject({ code: 'SESSION_EXPIRED', mayHaveExecuted: false });
    await expect(put.promise).rejects.toMatchObject({ code: 'SESSION_EXPIRED', mayHaveExecuted: true });
    await expect(exists.promise).rejects.toBeInstanceOf(SessionExpiredError);
    expect(await full.getMany(2)).toEqual([1]);
  });

  test('leaves all that it held and waited for to the others', async () => {
    const lost = await connect();
    const [items, permits, lock] = [rival.queue<string>(fresh('items')), fresh('semaphore'), fresh('lock')];
    await items.putMany(['first', 'second']);
    const delivery = await lost.queue<string>(items.name).get({ ack: true });
    await lost.semaphore(permits, 1).acquire();
    const held = await rival.lock(lock).acquire();
    const waiting = await queued(lost, lost.lock(lock).acquire());
    const next = await queued(rival, rival.lock(lock).acquire());
    await lose();
    await expect(waiting.promise).rejects.toBeInstanceOf(SessionExpiredError);
    expect(delivery.signal.aborted).toBe(true);
    expect(await items.getMany(2)).toEqual(['first', 'second']);
    await (await rival.semaphore(permits, 1).acquire()).release();
    await held.release();
    const hold = await next.promise;
    expect(hold.abandoned).toBe(false);
    await hold.release();
  });
});

test('a client that comes back within its lease goes on in its session', async () => {
  const holder = await connect(60_000);
  const events: string[] = [];
  for (const event of ['disconnected', 'resumed', 'expired'] as const) holder.on(event, () => events.push(event));
  const { sessionId } = holder;
  const held = await holder.lock(fresh('lock')).acquire();
  proxy.close();
  await until('the client is cut off', () => holder.state === 'reconnecting');
  const waiting = watch(rival.lock(held.object).acquire());
  const write = holder.dict<string, number>('d').set('a', 1, { fence: held });
  proxy.mend();
  await write;
  expect(events).toEqual(['disconnected', 'resumed']);
  expect([holder.sessionId, holder.state]).toEqual([sessionId, 'connected']);
  expect([held.signal.aborted, waiting.settled]).toEqual([false, false]);
  await held.release();
  await (await waiting.promise).release();
});

test('the lease of a client begins again with the resumption of its session', async () => {
  await connect();
  const happened: Record<string, () => void> = {};
  const event = (name: string): Promise<void> => new Promise((resolve) => (happened[name] = resolve));
  const [opened, resumed] = [event('opened'), event('resumed')];
  const lease = { ms: 3_600_000, tied: false };
  const link = new SessionLink(
    parseAddress(proxy.address),
    { credentials: {}, label: 'link', lease },
    { opened: () => happened['opened']!(), frame() {}, drain() {}, cut() {}, resumed: () => happened['resumed']!(), late() {}, ended() {} },
  );
  await opened;
  const before = performance.now();
  link.lease!.heard(before - lease.ms / 2);
  link.lease!.guard(true);
  proxy.cut();
  await resumed;
  expect(link.lease!.left()).toBeGreaterThanOrEqual(0.9 * lease.ms - (performance.now() - before));
  link.destroy();
});

test('a client whose directory was opened to others sends them nothing when it resumes', async () => {
  using directory = new Temporary();
  const runtime = process.env['XDG_RUNTIME_DIR'];
  process.env['XDG_RUNTIME_DIR'] = directory.path;
  try {
    mkdirSync(directory.join('commonhold'), { mode: 0o700 });
    await using own = await Proxy.at(directory.join('commonhold', 'manager.sock'), daemon.address);
    client = await Manager.connect(own.address);
    const expired = new Promise<ManagerError>((resolve) => client.on('expired', resolve));
    chmodSync(directory.join('commonhold'), 0o755);
    own.cut();
    expect((await expired).message).toMatch(/open to other users: chmod 700/);
  } finally {
    if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = runtime;
  }
});

test.each([99, 3_600_001, Number.NaN, Infinity])('a lease of %d ms is refused', async (lease) => {
  await expect(Manager.connect(daemon.address, { lease })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await connect();
});
