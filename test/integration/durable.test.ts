import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { Manager } from '../../client/index.js';
import { HistoryLostError, NotFoundError, PayloadTooLargeError, SessionExpiredError } from '../../proto/errors.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { until } from '../support/until.js';

// A daemon with a data directory, which is killed or stopped, and started again.

/** The members of both types of the module. */
interface Account {
  pay(amount: number): void;
  balance(): number;
  paySlowly(amount: number): Promise<void>;
}

const TYPES = new URL('programs/saved-types.js', import.meta.url).href;
const CHANGED_TYPES = new URL('programs/changed-types.js', import.meta.url).href;

let folder: Temporary;
let daemon: Daemon;
const managers: Manager[] = [];

beforeEach(async () => {
  folder = new Temporary();
  daemon = await started();
});

afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.close()));
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function started(...flags: string[]): Promise<Daemon> {
  return Daemon.serve([...place(), ...(flags.includes('--register') ? [] : ['--register', TYPES]), ...flags]);
}

function place(): string[] {
  return ['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data')];
}

async function connected(): Promise<Manager> {
  // A start may take seconds on a busy machine.
  const manager = await Manager.connect(daemon.address, { lease: 120_000 });
  managers.push(manager);
  return manager;
}

/** Ends the daemon in one of two ways, and starts another one on its directory. */
async function again(how: 'SIGKILL' | 'SIGTERM', ...flags: string[]): Promise<void> {
  await daemon.program.kill(how);
  daemon = await started(...flags);
}

/** Keeps a copy of the directory, as it would be if all records after this moment were lost. */
function keepRecords(): void {
  cpSync(folder.join('data'), folder.join('copy'), { recursive: true, filter: (path) => !path.endsWith('owner') });
}

/** Kills the daemon, and starts another one without the records since {@link keepRecords}. */
async function againWithout(): Promise<void> {
  await daemon.program.kill('SIGKILL');
  rmSync(folder.join('data'), { recursive: true });
  renameSync(folder.join('copy'), folder.join('data'));
  daemon = await started();
}

describe.each(['SIGKILL', 'SIGTERM'] as const)('a daemon that is started again after %s', (how) => {
  test('has the contents of all kinds', async () => {
    const manager = await connected();
    await manager.dict('dict').set('key', { nested: [1, 'two'] });
    await manager.list('list').push(1, 2, 3);
    await manager.set('set').add('a');
    await manager.queue('queue').put('item');
    await manager.value('value', 7).create();
    await manager.array('array', 'f64', 3).set(1, 0.5);
    await manager.event('event').set();
    await manager.namespace('namespace').set('x', 1);
    await manager.pipe('pipe')[0].send('message');
    await again(how);
    const later = await connected();
    expect(await later.dict('dict').get('key')).toEqual({ nested: [1, 'two'] });
    expect(await later.list('list').toArray()).toEqual([1, 2, 3]);
    expect(await later.set('set').has('a')).toBe(true);
    expect(await later.queue('queue').get()).toBe('item');
    expect(await later.value('value', 0).get()).toBe(7);
    expect(await later.array('array', 'f64', 3).get(1)).toBe(0.5);
    expect(await later.event('event').isSet()).toBe(true);
    expect(await later.namespace('namespace').get('x')).toBe(1);
    expect(await later.pipe('pipe')[1].receive()).toBe('message');
  });

  test('goes on with the sessions of its clients: a holder holds, and one that waits keeps its place', async () => {
    const [holder, waiter] = [await connected(), await connected()];
    const held = await holder.lock('lock').acquire();
    const waiting = waiter.lock('lock').acquire();
    await until('the call waits', async () => (await holder.stats()).waiters === 1);
    await again(how);
    expect(held.signal.aborted).toBe(false);
    await holder.dict('fenced').set('by', 'holder', { fence: held });
    await held.release();
    const next = await waiting;
    expect(next.token).toBeGreaterThan(held.token);
    await next.release();
  });

  test('applies calls once that were on their way', async () => {
    const manager = await connected();
    const counts = manager.dict<string, number>('counts');
    await counts.set('n', 0);
    const calls = Array.from({ length: 500 }, () => counts.add('n', 1));
    await calls[50];
    await again(how);
    await Promise.all(calls);
    expect(await counts.get('n')).toBe(500);
  });

  test('gives an item that no client has acknowledged to another', async () => {
    const manager = await connected();
    const queue = manager.queue<string>('queue');
    await queue.put('item');
    const delivery = await queue.get({ ack: true });
    await again(how);
    await delivery.nak();
    expect(await (await connected()).queue('queue').get()).toBe('item');
  });

  test('restores objects of types that can be saved, and says which others ended', async () => {
    const manager = await connected();
    const account = manager.object<Account>('Account', 'account');
    await account.pay(5);
    await account.pay(6);
    const plain = manager.object<Account>('Plain', 'plain');
    await plain.pay(5);
    await again(how);
    expect(await account.balance()).toBe(11);
    await account.pay(1);
    expect(await (await connected()).object<Account>('Account', 'account').balance()).toBe(12);
    await expect(plain.balance()).rejects.toThrow(/the class "Plain" has no save\(\)/);
    await expect(plain.balance()).rejects.toThrow(NotFoundError);
  });

  test('takes a class that has changed, and lacks one that saved nothing', async () => {
    const manager = await connected();
    const account = manager.object<Account>('Account', 'account');
    await account.pay(5);
    await manager.object<Account>('Plain', 'plain').pay(5);
    await again(how, '--register', CHANGED_TYPES);
    const later = (await connected()).object<{ doubled(): number; pay(amount: number, times: number): void }>('Account', 'account');
    expect(await later.doubled()).toBe(10);
    await later.pay(3, 2);
    await again(how);
    expect(await account.balance()).toBe(11);
  });

  test('does not start without a class that has saved something, and loses nothing by that', async () => {
    const account = (await connected()).object<Account>('Account', 'account');
    await account.pay(5);
    await daemon.program.kill(how);
    const { code, stderr } = await commonhold(['serve', ...place()]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/"account" is of the type "Account", which is not registered: give its module/),
    ]);
    daemon = await started();
    expect(await account.balance()).toBe(5);
  });
});

test('a client that says goodbye with its last call leaves a log that can be applied', async () => {
  const manager = await connected();
  const dict = (await connected()).dict('dict');
  // It is sent in one frame with the goodbye, and not waited for.
  const set = manager.dict('dict').set('last', 1);
  await Promise.allSettled([set, manager.close()]);
  // An answer of the manager says that the call is kept.
  await until('the call has been applied', async () => (await dict.get('last')) === 1);
  await again('SIGKILL');
  expect(await dict.get('last')).toBe(1);
});

test('SIGTERM ends in order while methods of registered types run, which have failed when the next daemon goes on', async () => {
  const manager = await connected();
  const account = manager.object<Account>('Account', 'account');
  await account.pay(5);
  const slow = account.paySlowly(6);
  // The call is there before this one is answered.
  await manager.stats();
  const { code } = await daemon.stop();
  daemon = await started();
  await expect(slow).rejects.toThrow(/the manager ended while this ran/);
  expect(code).toBe(0);
  expect(await account.balance()).toBe(5);
});

test('a session that goes on after a start with a smaller limit keeps to it', async () => {
  const manager = await connected();
  const held = await manager.lock('lock').acquire();
  await again('SIGTERM', '--max-payload', '100000');
  await expect(manager.dict('dict').set('large', 'x'.repeat(200_000))).rejects.toThrow(PayloadTooLargeError);
  await held.release();
});

test('a manager whose directory has lost its last records ends the sessions that know of them, and gives no token again', async () => {
  const manager = await connected();
  const dict = manager.dict<string, number>('dict');
  await dict.set('kept', 1);
  keepRecords();
  const held = await manager.lock('lock').acquire();
  for (let i = 0; i < 10; i++) await dict.set('lost', i);
  await againWithout();
  await expect(held.release()).rejects.toMatchObject({ code: expect.stringMatching(/^(SESSION_EXPIRED|LOCK_LOST)$/) as unknown });
  expect(held.signal.aborted).toBe(true);
  const next = await manager.lock('lock').acquire();
  expect(next.token).toBeGreaterThan(held.token);
  await next.release();
  expect(await dict.toMap()).toEqual(new Map([['kept', 1]]));
});

test('so it does if it has sent other answers with the numbers of the lost ones before their clients come back', async () => {
  const [first, second] = [await connected(), await connected()];
  const held = await first.lock('lock').acquire({ lease: 1_000 });
  const over = new Promise((resolve) => setTimeout(resolve, 1_000));
  const waiting = second.lock('lock').acquire();
  await until('the call waits', async () => (await first.stats()).waiters === 1);
  keepRecords();
  await held.release();
  const lost = await waiting;
  await daemon.program.kill('SIGKILL');
  // The next manager ends the hold by its lease, and grants the lock once more, while no client is there.
  await over;
  await againWithout();
  await expect(second.stats()).rejects.toThrow(SessionExpiredError);
  expect(lost.signal.aborted).toBe(true);
  const next = await second.lock('lock').acquire({ timeout: 5_000 });
  expect(next.token).toBeGreaterThan(lost.token);
});

test('a watch and a near cache do not go on from changes that were lost with the last records', async () => {
  const [other, reader, writer] = [await connected(), await connected(), await connected()];
  const dict = writer.dict<string, string>('dict');
  await dict.set('key', 'kept');
  // Its watch keeps the log of changes over the start, because it hears of nothing that is lost.
  const elsewhere = other.dict('dict').watch({ key: 'other' });
  await other.stats();
  keepRecords();
  const changes = reader.dict<string, string>('dict').watch();
  await using cache = reader.dict<string, string>('dict').cached();
  await cache.get('key');
  await dict.set('key', 'lost');
  const told = await changes.next();
  expect(told.value).toMatchObject({ key: 'key', value: 'lost' });
  await until('the cache has the change', async () => (await cache.get('key')) === 'lost');
  const next = changes.next();
  await againWithout();
  const later = await connected();
  await later.dict('dict').set('next', 'value');
  await expect(next).rejects.toThrow(HistoryLostError);
  const { revision } = told.value!;
  await expect(later.dict('dict').watch({ from: revision }).next()).rejects.toThrow(HistoryLostError);
  expect(await cache.get('key')).toBe('kept');
  await elsewhere.return!();
});

test('a directory has one manager at a time', async () => {
  const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--data-dir', folder.join('data')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/another manager/);
});

test('snapshots keep the log short, while calls go on', async () => {
  await again('SIGTERM', '--snapshot-after', '200000');
  const manager = await connected();
  const dict = manager.dict<string, number>('dict');
  const snapshots = (): string[] => readdirSync(folder.join('data')).filter((name) => name.endsWith('.snapshot'));
  const [first] = snapshots();
  for (let i = 0; snapshots()[0] === first; i++) await Promise.all(Array.from({ length: 100 }, (_, n) => dict.set(`${i} ${n}`, n)));
  const size = await dict.size();
  await again('SIGKILL');
  expect(await (await connected()).dict('dict').size()).toBe(size);
});
