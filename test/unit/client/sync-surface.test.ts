import { afterAll, describe, expect, it } from '@jest/globals';
import { Arena, InvalidArgumentError } from '../../../client/index.js';
import { ObjectProxy } from '../../../client/objects/object-proxy.js';

const arena = Arena.create();
afterAll(() => arena.close());

/** The proxies, with their operations that `sync` lacks because others take part in them. */
const PROXIES = [
  { proxy: arena.dict('dict'), without: ['cached', 'fencedBy', 'path', 'touch', 'ttl', 'watch'] },
  { proxy: arena.list('list'), without: ['fencedBy', 'watch'] },
  { proxy: arena.queue('queue'), without: ['cancel', 'deliveries', 'fencedBy', 'items', 'move', 'pause', 'requeue', 'resume', 'watch'] },
  { proxy: arena.value('value', 0), without: ['fencedBy', 'watch'] },
  { proxy: arena.array('array', 'u8', 1), without: ['fencedBy'] },
  { proxy: arena.lock('lock'), without: [] },
  { proxy: arena.rlock('rlock'), without: [] },
  { proxy: arena.semaphore('semaphore', 1), without: [] },
  { proxy: arena.boundedSemaphore('bounded', 1), without: [] },
  { proxy: arena.condition('condition'), without: [] },
  { proxy: arena.event('event'), without: ['watch'] },
  { proxy: arena.barrier('barrier', 1), without: [] },
];

/** The methods of an object, from its class and the classes above it. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = Object.getPrototypeOf(object) as object; at !== ObjectProxy.prototype && at !== Object.prototype;) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) if (typeof value === 'function') names.add(name);
    at = Object.getPrototypeOf(at) as object;
  }
  return [...names].filter((name) => name !== 'constructor');
}

/** Methods that are no operations of users. */
const INTERNAL = new Set(['encode', 'encodeChecked', 'normal', 'unlock']);

describe('the operations without promises', () => {
  it.each(PROXIES)('are the operations of the proxy: $proxy.kind', ({ proxy, without }) => {
    const there = new Set(methodsOf(proxy.sync));
    expect(
      methodsOf(proxy)
        .filter((name) => !there.has(name) && !INTERNAL.has(name))
        .sort(),
    ).toEqual(without);
  });

  it('of a dict remove many keys at once', () => {
    const { sync } = arena.dict<string | number, number>('many');
    sync.setMany({ a: 1, b: 2, c: 3 });
    expect(sync.deleteMany(['a', 'missing', 'c', 'a'])).toBe(2);
    expect(sync.deleteMany([])).toBe(0);
    expect(sync.deleteMany(new Map([['b', 0]]).keys())).toBe(1);
    expect(sync.size()).toBe(0);
    expect(() => sync.deleteMany([undefined as never])).toThrow(InvalidArgumentError);
  });

  it.each(['lock', 'rlock', 'condition'] as const)('of a %s return its holder', async (kind) => {
    const lock = arena[kind](`held ${kind}`);
    expect(lock.sync.holder()).toBeUndefined();
    const held = await lock.acquire();
    expect(lock.sync.holder()).toEqual({ ...(await lock.holder()), heldFor: expect.any(Number) });
    expect(lock.sync.holder()).toMatchObject({ token: held.token, pid: process.pid, levels: 1 });
    await held.release();
    const hold = lock.sync.acquire({ timeout: 0 });
    expect(lock.sync.holder()).toMatchObject({ token: hold.token, pid: process.pid, label: 'main' });
    hold.release();
    expect(lock.sync.holder()).toBeUndefined();
  });
});
