import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createChannel, createClientFactory, type Channel, type Client } from 'nice-grpc';
import { DeadlockError, InvalidArgumentError, Manager } from '../../client/index.js';
import { ConditionServiceDefinition, RLockServiceDefinition } from '../../proto/index.js';

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe("a client opened with owner: 'session'", () => {
  it('is one owner as a whole: its tasks re-enter together, as those of a process in Python', async () => {
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

  it('takes other owners where it is told', async () => {
    await using client = await Manager.connect(manager.address, { owner: 'session' });
    const lock = client.rlock(randomUUID());
    await using held = await lock.acquire();
    expect(held.token).toBeDefined();
    expect(await lock.tryAcquire({ owner: client.owner() })).toBeUndefined();
  });

  it('is refused where it is another word', async () => {
    await expect(Manager.connect(manager.address, { owner: 'process' as never })).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});

describe('an owner in unary calls', () => {
  let channel: Channel;
  let rlock: Client<typeof RLockServiceDefinition>;
  let condition: Client<typeof ConditionServiceDefinition>;

  beforeAll(() => {
    channel = createChannel(manager.address.replace(/^unix:(?!\/\/)/, 'unix://'));
    rlock = createClientFactory().create(RLockServiceDefinition, channel);
    condition = createClientFactory().create(ConditionServiceDefinition, channel);
  });

  afterAll(() => channel.close());

  it('re-enters by its name', async () => {
    const name = randomUUID();
    const outer = await rlock.acquire({ name, owner: 'ann' });
    const inner = await rlock.acquire({ name, owner: 'ann', timeoutMs: 0 });
    await expect(rlock.acquire({ name, owner: 'bob', timeoutMs: 0 })).rejects.toThrow(/DEADLINE_EXCEEDED/);
    expect((await rlock.holder({ name })).holder).toMatchObject({ owner: 'ann', levels: 2 });
    for (const { token } of [inner, outer]) await rlock.release({ name, token });
    expect(await manager.rlock(name).locked()).toBe(false);
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
