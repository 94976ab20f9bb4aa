import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createChannel, createClientFactory, type Channel, type Client } from 'nice-grpc';
import { DeadlockError, InvalidArgumentError, Manager } from 'commonhold';
import { ConditionServiceDefinition, LockServiceDefinition, RLockServiceDefinition } from '../../proto/index.js';
import { until } from '../support/until.js';

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe("a client opened with owner: 'session'", () => {
  it('is one owner as a whole: its tasks re-enter together, as in a process in Python', async () => {
    await using client = await Manager.connect(manager.address, { owner: 'session' });
    const lock = client.rlock(randomUUID());
    const held = await lock.acquire();
    const levels = await Promise.all([lock.run(async () => (await lock.holder())?.levels), lock.acquire({ timeout: 0 })]);
    expect(levels[0]).toBe(3);
    expect(await manager.rlock(lock.name).tryAcquire()).toBeUndefined();
    await levels[1].release();
    await held.release();
    expect(await lock.locked()).toBe(false);
  });

  it('does not wait for itself', async () => {
    await using client = await Manager.connect(manager.address, { owner: 'session' });
    const lock = client.lock(randomUUID());
    await using held = await lock.acquire();
    await expect(lock.acquire()).rejects.toBeInstanceOf(DeadlockError);
    await expect(lock.run(() => undefined)).rejects.toBeInstanceOf(DeadlockError);
    expect(await lock.holder()).toMatchObject({ token: held.token, sessionId: client.sessionId });
  });

  it('has its updates of a value wait for each other', async () => {
    await using client = await Manager.connect(manager.address, { owner: 'session' });
    const value = client.value(randomUUID(), 0);
    await Promise.all([1, 2, 3].map((step) => value.update((old) => old + step)));
    expect(await value.get()).toBe(6);
  });

  it('takes other owners if they are given', async () => {
    await using client = await Manager.connect(manager.address, { owner: 'session' });
    const lock = client.rlock(randomUUID());
    await using held = await lock.acquire();
    expect(held.token).toBeDefined();
    expect(await lock.tryAcquire({ owner: client.owner() })).toBeUndefined();
  });

  it('waits in no cycle with another one, whichever of its tasks hold and wait', async () => {
    await using one = await Manager.connect(manager.address, { owner: 'session' });
    await using two = await Manager.connect(manager.address, { owner: 'session' });
    const [a, b] = [randomUUID(), randomUUID()];
    await using heldA = await one.lock(a).acquire();
    const heldB = await two.lock(b).acquire();
    const waiting = one.lock(b).acquire();
    await until('one waits', async () => (await manager.locks()).locks.some(({ name, waiting: count }) => name === b && count === 1));
    const error: unknown = await two
      .lock(a)
      .acquire()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeadlockError);
    const step = { owner: 'session', pid: process.pid };
    expect((error as DeadlockError).cycle).toEqual([
      expect.objectContaining({ ...step, object: a, sessionId: two.sessionId }),
      expect.objectContaining({ ...step, object: b, sessionId: one.sessionId }),
    ]);
    await heldB.release();
    await (await waiting).release();
    await heldA.extend(60_000);
  });

  it('is refused if it is another word', async () => {
    await expect(Manager.connect(manager.address, { owner: 'process' as never })).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});

describe('an owner in unary calls', () => {
  let channel: Channel;
  let rlock: Client<typeof RLockServiceDefinition>;
  let condition: Client<typeof ConditionServiceDefinition>;
  let lock: Client<typeof LockServiceDefinition>;

  beforeAll(() => {
    channel = createChannel(manager.address.replace(/^unix:(?!\/\/)/, 'unix://'));
    rlock = createClientFactory().create(RLockServiceDefinition, channel);
    condition = createClientFactory().create(ConditionServiceDefinition, channel);
    lock = createClientFactory().create(LockServiceDefinition, channel);
  });

  afterAll(() => channel.close());

  it('re-enters by its name', async () => {
    const name = randomUUID();
    const outer = await rlock.acquire({ name, owner: 'ann' });
    const inner = await rlock.acquire({ name, owner: 'ann', timeoutMs: 0n });
    await expect(rlock.acquire({ name, owner: 'bob', timeoutMs: 0n })).rejects.toThrow(/DEADLINE_EXCEEDED/);
    expect((await rlock.holder({ name })).holder).toMatchObject({ owner: 'ann', levels: 2 });
    for (const { token } of [inner, outer]) await rlock.release({ name, token });
    expect(await manager.rlock(name).locked()).toBe(false);
  });

  it('waits in no cycle with an owner of a session', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const mine = manager.owner('sdk');
    const { token } = await lock.acquire({ name: a, owner: 'ann' });
    const heldB = await manager.lock(b).acquire({ owner: mine });
    const waiting = manager.lock(a).acquire({ owner: mine });
    await until('it waits', async () => (await manager.locks()).locks.some(({ name, waiting: count }) => name === a && count === 1));
    await expect(lock.acquire({ name: b, owner: 'ann' })).rejects.toThrow(/ABORTED.*the wait would never end.*sdk/);
    await expect(lock.acquire({ name: b, owner: 'bob', timeoutMs: 10n })).rejects.toThrow(/DEADLINE_EXCEEDED/);
    await lock.release({ name: a, token });
    await (await waiting).release();
    await heldB.release();
  });

  it('of an endless name is refused', async () => {
    await expect(lock.acquire({ name: randomUUID(), owner: 'a/'.repeat(1_000_000) })).rejects.toThrow(/INVALID_ARGUMENT.*at most 4096/);
  });

  it('waits on a condition under its token, and gives the lock up when the call is cancelled', async () => {
    const name = randomUUID();
    const { token } = await condition.acquire({ name });
    const controller = new AbortController();
    const woken = condition.wait({ name, token });
    await manager.condition(name).run((_, held) => manager.condition(name).notify(held));
    expect(await woken).toMatchObject({ notified: true });
    expect((await condition.holder({ name })).holder).toMatchObject({ token });

    const cancelled = condition.wait({ name, token }, { signal: controller.signal });
    await using held = await manager.condition(name).acquire();
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    expect(await manager.condition(name).holder()).toMatchObject({ token: held.token });
    await held.release();
    expect(await manager.condition(name).locked()).toBe(false);
    await expect(condition.release({ name, token })).rejects.toThrow(/does not hold/);
  });
});
