import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Manager } from 'commonhold';
import { queued } from '../conformance/support.js';
import { bufCurl } from '../support/buf.js';
import { Daemon } from '../support/daemon.js';
import type { Exit } from '../support/program.js';

// A person's use of grpcurl, with its counterpart from npm: `buf curl` knows of the daemon only by reflection.

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon.stop();
});

/** Runs `buf curl` on a daemon. */
function curl(flags: readonly string[], path = '', at = daemon): Promise<Exit> {
  return bufCurl(flags, `http://${at.address}${path}`);
}

/** Calls a method with JSON, and parses the JSON of the answer. */
async function call(method: string, request: unknown, flags: readonly string[] = []): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await curl(['-d', JSON.stringify(request), ...flags], `/commonhold.v1.${method}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('a daemon, inspected from outside with reflection alone,', () => {
  it.each(['grpc-v1', 'grpc-v1alpha'])('lists its services and their methods by %s', async (protocol) => {
    const services = await curl(['--list-services', '--reflect-protocol', protocol]);
    expect(services.stdout.split('\n')).toEqual(
      expect.arrayContaining(['commonhold.v1.DictService', 'commonhold.v1.SessionService', 'grpc.health.v1.Health']),
    );
    const methods = await curl(['--list-methods', '--reflect-protocol', protocol]);
    expect(methods.stdout.split('\n')).toEqual(
      expect.arrayContaining(['commonhold.v1.DictService/Set', 'commonhold.v1.QueueService/Peek']),
    );
  });

  it('takes a dict entry as plain JSON, which the SDK reads as a plain object', async () => {
    const request = { name: 'scores', key: { text: 'alice' }, value: { json: { points: 3, tags: ['a', null] } } };
    expect(await call('DictService/Set', request)).toEqual({});
    expect(await manager.dict('scores').get('alice')).toEqual({ points: 3, tags: ['a', null] });
  });

  it('returns values of the SDK as JSON, a Map and a Set as well', async () => {
    await manager.dict<string, unknown>('sdk').set('bob', { points: 7, seen: new Map([['x', 1]]), of: new Set(['s']) });
    const answer = await call('DictService/Get', { name: 'sdk', key: { text: 'bob' } });
    expect(answer).toEqual({ value: { json: { points: 7, seen: { x: 1 }, of: ['s'] } } });
  });

  it('changes a part of a value by its path, for values of any client', async () => {
    const at = (name: string, ...path: object[]) => ({ name, key: { text: 'carol' }, path });
    await call('DictService/Set', { name: 'paths', key: { text: 'carol' }, value: { json: { points: 3, tags: ['a'] } } });
    expect(await call('PathService/Push', { ...at('paths', { text: 'tags' }), values: [{ json: { b: 1 } }] })).toEqual({ length: 2 });
    expect(await call('PathService/Add', { ...at('paths', { text: 'points' }), delta: { number: 4 } })).toEqual({ value: { number: 7 } });
    expect(await call('PathService/Get', at('paths', { text: 'tags' }, { number: -1 }))).toEqual({ value: { json: { b: 1 } } });
    expect(await call('DictService/Get', { name: 'paths', key: { text: 'carol' } })).toEqual({
      value: { json: { points: 7, tags: ['a', { b: 1 }] } },
    });
    await manager.dict<string, unknown>('packed').set('carol', { seen: new Map([['x', [1]]]) });
    expect(await call('PathService/Push', { ...at('packed', { text: 'seen' }, { text: 'x' }), values: [{ number: 2 }] })).toEqual({
      length: 2,
    });
    expect(await call('PathService/Get', at('packed'))).toEqual({ value: { json: { seen: { x: [1, 2] } } } });
  });

  it('returns packed payloads unchanged on request', async () => {
    await manager.dict<string, unknown>('sdk').set('raw', { a: 1 });
    const answer = await call('DictService/Get', { name: 'sdk', key: { text: 'raw' } }, ['--header', 'commonhold-payloads: packed']);
    expect(answer).toEqual({ value: { packed: expect.any(String) } });
  });

  it('tells numbers, texts and integers apart as keys', async () => {
    for (const key of [{ number: 1 }, { integer: '1' }, { text: '1' }, { boolean: true }]) {
      await call('DictService/Set', { name: 'keys', key, value: { text: JSON.stringify(key) } });
    }
    expect([...(await manager.dict('keys').toMap()).keys()]).toEqual([1, 1n, '1', true]);
  });

  it('shows a queue without taking from it', async () => {
    await manager.queue('jobs').putMany(['first', 'second']);
    expect(await call('QueueService/Peek', { name: 'jobs', count: 5 })).toEqual({ values: [{ text: 'first' }, { text: 'second' }] });
    expect(await call('QueueService/Size', { name: 'jobs' })).toEqual({ size: 2 });
    expect(await manager.queue('jobs').get()).toBe('first');
  });

  it('reports changes of a dict, call by call', async () => {
    await manager.dict('watched').set('before', 0);
    const { revision } = await call('DictService/Watch', { name: 'watched' });
    await manager.dict('watched').set('alice', { points: 3 });
    await manager.dict('watched').delete('before');
    const told = await call('DictService/Watch', { name: 'watched', from: revision, key: { text: 'alice' } });
    const change = { type: 'DICT_CHANGE_TYPE_SET', key: { text: 'alice' }, value: { json: { points: 3 } }, revision: expect.any(String) };
    expect(told).toEqual({ changes: [change], revision: expect.any(String) });
    const nothing = await call('DictService/Watch', { name: 'watched', from: told['revision'], timeoutMs: 1 });
    expect(nothing).toEqual({ revision: told['revision'] });
  });

  it('names the holder of a lock, and its waiters', async () => {
    const held = await manager.lock('door').acquire();
    const waiting = await queued(manager, manager.lock('door').acquire());
    const shown = { token: String(held.token), sessionId: manager.sessionId, pid: process.pid };
    expect(await call('LockService/Holder', { name: 'door' })).toMatchObject({ holder: shown, waiters: 1 });
    expect(await call('ManagerService/Describe', { name: 'door' })).toMatchObject({
      object: { kind: 'lock', holders: [shown], waiters: 1 },
    });
    await held.release();
    await (await waiting.promise).release();
  });

  it('shows all held locks, and their waiters', async () => {
    const held = await manager.lock('gate').acquire({ owner: manager.owner('keeper') });
    const waiting = await queued(manager, manager.lock('gate').acquire());
    const answer = await call('ManagerService/Locks', { match: 'g*e' });
    expect(answer).toEqual({
      locks: [
        {
          kind: 'lock',
          name: 'gate',
          holders: [
            expect.objectContaining({
              token: String(held.token),
              sessionId: manager.sessionId,
              owner: expect.stringMatching(/keeper$/),
            }),
          ],
          held: 1,
          waiters: [expect.objectContaining({ sessionId: manager.sessionId, pid: process.pid })],
          waiting: 1,
        },
      ],
    });
    await held.release();
    await (await waiting.promise).release();
    expect(await call('ManagerService/Locks', { match: 'g*e' })).toEqual({});
  });

  it('lends a lock to a unary call, under its token and a lease', async () => {
    const { token } = await call('LockService/Acquire', { name: 'lent', timeoutMs: 1000 });
    expect(await manager.lock('lent').holder()).toMatchObject({
      token: BigInt(token as string),
      sessionId: '',
      leaseRemaining: expect.any(Number),
    });
    expect(await call('LockService/Release', { name: 'lent', token })).toEqual({});
    expect(await manager.lock('lent').locked()).toBe(false);
  });

  it('frees a lock that a unary call holds when its lease ends', async () => {
    await call('LockService/Acquire', { name: 'brief', leaseMs: 20 });
    await using held = await manager.lock('brief').acquire();
    expect(held.abandoned).toBe(true);
  });

  it('makes no object when a name is only inspected', async () => {
    const { code, stderr } = await curl(['-d', '{"name":"typo"}'], '/commonhold.v1.DictService/Size');
    expect(code).not.toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'not_found' });
    expect(await manager.dict('typo').exists()).toBe(false);
  });

  it('returns an error with its typed detail', async () => {
    const { stderr } = await curl(['-d', '{"name":"jobs-empty","timeoutMs":0}'], '/commonhold.v1.QueueService/Get');
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'deadline_exceeded',
      message: '"jobs-empty" is empty',
      details: [{ type: 'commonhold.v1.Error', value: expect.any(String) }],
    });
  });
});

describe('a daemon with a token', () => {
  it('shows itself with the token, and not without', async () => {
    await using guarded = await Daemon.serve(undefined, { COMMONHOLD_TOKEN: 'secret' });
    const refused = await curl(['--list-services'], '', guarded);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('not authenticated');
    const shown = await curl(['--list-services', '--reflect-header', 'authorization: Bearer secret'], '', guarded);
    expect(shown.stdout).toContain('commonhold.v1.DictService');
    const flags = ['-d', '{}', '--header', 'authorization: Bearer secret', '--reflect-header', '*'];
    const info = await curl(flags, '/commonhold.v1.ManagerService/Info', guarded);
    expect(JSON.parse(info.stdout)).toMatchObject({ engine: 'memory', pid: guarded.pid });
  });
});
