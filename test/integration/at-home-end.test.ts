import { describe, expect, test } from '@jest/globals';
import { homeAt } from '../../client/shared/arenas.js';
import { Manager, OptionsConflictError, OutOfMemoryError, type SharedDict, type SharedQueue } from 'commonhold';
import { SharedValue } from '../../client/objects/value.js';
import { fresh, queued } from '../conformance/support.js';
import { atHomeHere, daemon, Hand, HomeProcess, info, manager, untilWaiting, type Methods, type Work } from '../support/at-home.js';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// The end of objects at home in a process, and offers that are refused.

atHomeHere();

/**
 * Waits until a copy has been made that began after this call, by the number of calls: three at most are copies that began before, the
 * copy, and the next one. A few others may be made meanwhile, for proxies that are collected.
 */
async function untilCopied(): Promise<void> {
  const { callsTotal } = await manager.stats();
  let looks = 0;
  await until('it is copied', async () => (await manager.stats()).callsTotal - callsTotal - ++looks >= 6);
}

describe('the end of a home', () => {
  test('ends its objects, and fails waiting calls, with the reason', async () => {
    const home = new HomeProcess();
    const [queue, value] = [await home.make('queue'), await home.make('typed value')];
    const waiting = await queued(manager, manager.queue(queue).get());
    await untilWaiting(queue, 1);
    await home.worker.kill();
    const gone = (name: string) => ({
      code: 'NOT_FOUND',
      object: name,
      message: expect.stringContaining(`the process ${home.worker.pid}`),
    });
    await expect(waiting.promise).rejects.toMatchObject(gone(queue));
    await expect(manager.value(value, 0).get()).rejects.toMatchObject(gone(value));
  });

  test.each<[kind: string, work: Work, look: Work, there: unknown]>([
    [
      'dict',
      [
        'setMany',
        [
          ['b', 1],
          ['a', [2]],
        ],
      ],
      ['toMap'],
      new Map<string, unknown>([
        ['b', 1],
        ['a', [2]],
      ]),
    ],
    ['list', ['push', 1, 'two'], ['toArray'], [1, 'two']],
    ['queue', ['putMany', [3, 1, 2], { timeout: 1000 }], ['peek', 10], [3, 1, 2]],
    ['typed value', ['add', 41], ['add', 1], 42],
    ['value', ['set', { deep: new Map([[1, 2]]) }], ['get'], { deep: new Map([[1, 2]]) }],
    ['array', ['write', 0, [1.5, 2.5, 3.5]], ['read'], Float64Array.of(1.5, 2.5, 3.5)],
    ['event', ['set'], ['isSet'], true],
    ['semaphore', ['release', 4], ['available'], 7],
    ['lock', ['locked'], ['locked'], false],
    ['rlock', ['locked'], ['locked'], false],
    ['barrier', ['waiting'], ['waiting'], 0],
  ])('a manager with a copy continues with it: %s', async (kind, work, look, there) => {
    const home = new HomeProcess();
    const name = await home.make(kind, { backup: 10 });
    await home.sync(name, ...work);
    const proxy = manager.open({ kind: kind.split(' ').at(-1)!, name, address: manager.address }) as unknown as Methods;
    await untilCopied();
    await home.worker.kill();
    await until('the manager continues', async () => (await info(name))?.home === undefined);
    expect(await proxy[look[0]]!(...look.slice(1))).toEqual(there);
  });

  test('is graceful when its manager handle is closed', async () => {
    const home = new HomeProcess();
    const name = await home.make('typed value');
    expect(await home.tell({ do: 'close' })).toEqual({ done: undefined });
    await expect(manager.value(name, 0).get()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(String(home.worker.pid)),
    });
    expect(await home.sync(name, 'get')).toMatchObject({ code: 'CLOSED' });
  });

  test('comes by itself: idle objects keep no program alive', async () => {
    const idle = Program.node(new URL('./programs/idle-home.js', import.meta.url), [], { COMMONHOLD_ADDRESS: daemon.address });
    expect(await idle.exited).toMatchObject({ code: 0, stdout: '2\n', stderr: '' });
  });

  test('does not follow from the end of another handle on the same manager', async () => {
    const hits = manager.value(fresh('hits'), 1, { home: 'process' });
    expect(hits.sync.get()).toBe(1);
    const second = await Manager.connect(manager.address);
    const third = await Manager.connect(manager.address);
    expect(await second.value(hits.name, 0, { home: 'process' }).add(1)).toBe(2);
    await second.close();
    await third.close();
    expect(hits.sync.add(1)).toBe(3);
  });
});

describe('a name that is taken', () => {
  test('by the manager: the first awaited call says so, and the object here is discarded', async () => {
    const theirs = manager.value(fresh('value'), 7);
    await theirs.get();
    const mine = manager.value(theirs.name, 0, { home: 'process' });
    const taken = { code: 'OPTIONS_CONFLICT', object: theirs.name, message: expect.stringContaining('held by the manager') };
    // Works from the creation of the proxy on, as the conflict is not known yet.
    mine.sync.add(1);
    await expect(mine.get()).rejects.toMatchObject(taken);
    expect(() => mine.sync.add(1)).toThrow(expect.objectContaining(taken));
    await expect(new Hand(mine).inThread('add', 1)).rejects.toMatchObject(taken);
    await expect(mine.add(1)).rejects.toMatchObject(taken);
    expect(await theirs.get()).toBe(7);
    // Free again, the name can be used.
    await theirs.destroy();
    expect(await mine.add(1)).toBe(1);
    expect(mine.sync.add(1)).toBe(2);
    expect(await theirs.get()).toBe(2);
  });

  test('by the manager: an awaited call that would wait fails at once', async () => {
    const theirs = manager.queue<number>(fresh('queue'));
    await theirs.put(1);
    await expect(manager.queue(theirs.name, { home: 'process' }).get()).rejects.toMatchObject({ code: 'OPTIONS_CONFLICT' });
    expect(await theirs.size()).toBe(1);
  });

  test('by another home, or another kind', async () => {
    const home = new HomeProcess();
    const name = await home.make('typed value');
    await expect(manager.value(name, 0, { home: 'process' }).get()).rejects.toMatchObject({
      code: 'OPTIONS_CONFLICT',
      message: expect.stringContaining(`at home in the process ${home.worker.pid}`),
    });
    const dict = manager.dict(fresh('dict'));
    await dict.size();
    const lock = manager.lock(dict.name, { home: 'process' });
    await expect(lock.acquire()).rejects.toMatchObject({ code: 'KIND_MISMATCH' });
    expect(() => lock.sync.tryAcquire()).toThrow(expect.objectContaining({ code: 'KIND_MISMATCH' }));
  });

  test('does not fail calls of other objects', async () => {
    const theirs = manager.dict(fresh('dict'));
    await theirs.size();
    manager.dict(theirs.name, { home: 'process' }).sync.set('a', 1);
    const other = manager.value(fresh('value'), 0, { home: 'process' });
    expect(await other.add(1)).toBe(1);
  });
});

describe('a helper that cannot reach the manager', () => {
  test('leaves threads their memory, and fails awaited calls with the reason', async () => {
    await using guarded = await Daemon.serve(undefined, { COMMONHOLD_TOKEN: 'secret' });
    const local = homeAt(guarded.address, { token: 'wrong' }, undefined, () => undefined);
    const value = new SharedValue<number>(local, 'value', { value: 0 }, {});
    expect(value.sync.add(1)).toBe(1);
    await expect(value.add(1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(value.add(1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(value.sync.add(1)).toBe(2);
    await local.close();
  });

  test('offers all objects again when the manager is back', async () => {
    const first = await Daemon.serve();
    const { address } = first;
    const own = await Manager.connect(address);
    const hits = own.value('hits', 1, { home: 'process' });
    expect(await hits.add(1)).toBe(2);
    await first.stop();
    expect(hits.sync.add(1)).toBe(3);
    await using _again = await Daemon.serve(['--listen', address]);
    const other = await Manager.connect(address);
    await until('it is there', () => other.value('hits', 1).exists());
    expect(await other.value('hits', 1).add(1)).toBe(4);
    await other.close();
    await own.close();
  });
});

describe('the memory of the objects at home in a process', () => {
  test('has the size given for the first of them', async () => {
    await using own = await Manager.embed();
    const maxSize = 4 * 2 ** 20;
    const dict = own.dict<string, Uint8Array>('dict', { home: 'process', maxSize });
    dict.sync.set('some', new Uint8Array(2 * 2 ** 20));
    expect(() => dict.sync.set('more', new Uint8Array(2 * 2 ** 20))).toThrow(OutOfMemoryError);
    own.list('list', { home: 'process', maxSize }).sync.push(1);
    own.list('list', { home: 'process' }).sync.push(2);
    expect(() => own.list('list', { home: 'process', maxSize: 2 * maxSize })).toThrow(OptionsConflictError);
  });
});

describe('an unsupported feature', () => {
  test('is refused when it is requested', async () => {
    const home = 'process';
    expect(() => manager.dict('x', { home: 'elsewhere' as never })).toThrow("home is 'elsewhere': give 'manager' or 'process'");
    expect(() => manager.dict('x', { backup: 100 })).toThrow("for an object with { home: 'process' }");
    expect(() => manager.dict('x', { home, backup: 0 })).toThrow('backup: give milliseconds above 0');
    expect(() => manager.dict('x', { maxSize: 2 ** 20 })).toThrow("to objects with { home: 'process' }");
    expect(() => manager.dict('x', { home, maxSize: 0.5 })).toThrow('maxSize is 0.5: give bytes');
    for (const make of [() => manager.set('x', { home }), () => manager.namespace('x', {}, { home }), () => manager.pipe('x', { home })]) {
      expect(make).toThrow(
        expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining("without { home: 'process' }") }),
      );
    }
    const dict: SharedDict<string, number> = manager.dict(fresh('dict'), { home });
    const queue: SharedQueue<number> = manager.queue(fresh('queue'), { home });
    const unoffered = { code: 'UNIMPLEMENTED', message: expect.stringContaining('a manager') };
    await expect(manager.dict(fresh('dict'), { home, ttl: 1000 }).size()).rejects.toMatchObject(unoffered);
    await expect(dict.watch().next()).rejects.toMatchObject(unoffered);
    await expect(dict.path('a').get()).rejects.toMatchObject(unoffered);
    expect(() => dict.cached()).toThrow(expect.objectContaining(unoffered));
    await expect(queue.get({ ack: true })).rejects.toMatchObject(unoffered);
    await expect(manager.atomic().set(dict, 'a', 1).commit()).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});
