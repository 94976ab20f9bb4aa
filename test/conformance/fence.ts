import { expect, test as it } from '@jest/globals';
import {
  InvalidArgumentError,
  StaleFenceError,
  type Held,
  type Manager,
  type Schema,
  type SharedArray,
  type SharedDict,
  type SharedList,
  type SharedQueue,
  type SharedSet,
  type SharedValue,
  type Namespace,
} from '../../client/index.js';
import { aborted, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** Objects with contents that each write of {@link WRITES} changes. */
interface Objects {
  readonly dict: SharedDict<string, number>;
  readonly deep: SharedDict<string, { list: number[]; set: Set<number> }>;
  readonly list: SharedList<number>;
  readonly set: SharedSet<number>;
  readonly queue: SharedQueue<number>;
  readonly value: SharedValue<number>;
  readonly array: SharedArray<'i8'>;
  readonly namespace: Namespace<{ x: number }>;
}

/** Every write that can have a fence. */
const WRITES: Readonly<Record<string, (on: Objects) => Promise<unknown>>> = {
  'dict.set': ({ dict }) => dict.set('b', 2),
  'dict.setMany': ({ dict }) => dict.setMany({ b: 2 }),
  'dict.delete': ({ dict }) => dict.delete('a'),
  'dict.deleteMany': ({ dict }) => dict.deleteMany(['a']),
  'dict.clear': ({ dict }) => dict.clear(),
  'dict.getOrInsert': ({ dict }) => dict.getOrInsert('b', 2),
  'dict.pop': ({ dict }) => dict.pop('a'),
  'dict.popItem': ({ dict }) => dict.popItem(),
  'dict.add': ({ dict }) => dict.add('a'),
  'dict.addMany': ({ dict }) => dict.addMany({ a: 1 }),
  'dict.compareAndSet': ({ dict }) => dict.compareAndSet('a', 1, 2),
  'dict.update': ({ dict }) => dict.update('a', (old) => old! + 1),
  'dict.touch': ({ dict }) => dict.touch('a', 60_000),
  'path.set': ({ deep }) => deep.path('a', 'list', 0).set(5),
  'path.delete': ({ deep }) => deep.path('a', 'list').delete(),
  'path.add': ({ deep }) => deep.path('a', 'list', 0).add(1),
  'path.push': ({ deep }) => deep.path('a', 'list').push(3),
  'path.pop': ({ deep }) => deep.path('a', 'list').pop(),
  'path.remove': ({ deep }) => deep.path('a', 'list').remove(1),
  'path.addMembers': ({ deep }) => deep.path('a', 'set').addMembers(3),
  'list.set': ({ list }) => list.set(0, 5),
  'list.update': ({ list }) => list.update(0, (old) => old + 1),
  'list.push': ({ list }) => list.push(3),
  'list.pop': ({ list }) => list.pop(),
  'list.unshift': ({ list }) => list.unshift(3),
  'list.shift': ({ list }) => list.shift(),
  'list.insert': ({ list }) => list.insert(0, 3),
  'list.splice': ({ list }) => list.splice(0, 1),
  'list.remove': ({ list }) => list.remove(1),
  'list.reverse': ({ list }) => list.reverse(),
  'list.sort': ({ list }) => list.sort({ descending: true }),
  'list.clear': ({ list }) => list.clear(),
  'set.add': ({ set }) => set.add(3),
  'set.delete': ({ set }) => set.delete(1),
  'set.retainAll': ({ set }) => set.retainAll([1]),
  'set.pop': ({ set }) => set.pop(),
  'set.clear': ({ set }) => set.clear(),
  'queue.put': ({ queue }) => queue.put(3),
  'queue.putMany': ({ queue }) => queue.putMany([3, 4]),
  'queue.clear': ({ queue }) => queue.clear(),
  'queue.cancel': ({ queue }) => queue.cancel('one'),
  'queue.move': ({ queue }) => queue.move('one', { delay: 60_000 }),
  'queue.shutdown': ({ queue }) => queue.shutdown({ immediate: true }),
  'value.set': ({ value }) => value.set(5),
  'value.add': ({ value }) => value.add(1),
  'value.compareAndSet': ({ value }) => value.compareAndSet(1, 2),
  'array.set': ({ array }) => array.set(0, 5),
  'array.add': ({ array }) => array.add(0, 1),
  'array.compareAndSet': ({ array }) => array.compareAndSet(0, 1, 2),
  'array.write': ({ array }) => array.write(0, [5]),
  'array.fill': ({ array }) => array.fill(5),
  'namespace.set': ({ namespace }) => namespace.set('x', 5),
  'namespace.delete': ({ namespace }) => namespace.delete('x'),
  'namespace.assign': ({ namespace }) => namespace.assign({ x: 5 }),
  'namespace.update': ({ namespace }) => namespace.update('x', (old) => old! + 1),
};

async function objectsOf(manager: Manager): Promise<Objects> {
  const objects: Objects = {
    dict: manager.dict(fresh('dict')),
    deep: manager.dict(fresh('dict')),
    list: manager.list(fresh('list')),
    set: manager.set(fresh('set')),
    queue: manager.queue(fresh('queue')),
    value: manager.value(fresh('value'), 1),
    array: manager.array(fresh('array'), 'i8', [1, 2]),
    namespace: manager.namespace(fresh('namespace'), { x: 1 }),
  };
  const { dict, deep, list, set, queue } = objects;
  await Promise.all([
    dict.set('a', 1),
    deep.set('a', { list: [1, 2], set: new Set([1]) }),
    list.push(1, 2),
    set.add(1, 2),
    queue.put(1, { id: 'one' }),
  ]);
  return objects;
}

function fencedBy(held: Held, objects: Objects): Objects {
  const fenced = Object.entries(objects).map(([name, object]: [string, { fencedBy(held: Held): unknown }]) => [
    name,
    object.fencedBy(held),
  ]);
  return Object.fromEntries(fenced) as Objects;
}

async function contents({ dict, deep, list, set, queue, value, array, namespace }: Objects): Promise<unknown> {
  const items = await queue.peek(10);
  return [
    await dict.toMap(),
    await dict.ttl('a'),
    await deep.get('a'),
    await list.toArray(),
    await set.toSet(),
    items,
    await value.get(),
    [...(await array.read())],
    await namespace.toObject(),
    await queue.put(9, { timeout: 0 }).then(
      () => 'open',
      () => 'shut down',
    ),
    await queue.clear(),
  ];
}

// A fenced write goes through only while its lock is held under its token.

export function fenceSuite(target: Target): void {
  suite(target, 'fences', (clients) => {
    it.each([
      ['lock', (manager: Manager) => manager.lock(fresh('lock')).acquire()],
      ['rlock', (manager: Manager) => manager.rlock(fresh('rlock')).acquire()],
      ['rwlock', (manager: Manager) => manager.rwlock(fresh('rwlock')).write.acquire()],
      ['value', (manager: Manager) => manager.value(fresh('value'), 1).lock()],
      ['array', (manager: Manager) => manager.array(fresh('array'), 'i8', 1).lock()],
      ['condition', (manager: Manager) => manager.condition(fresh('condition')).acquire()],
      ['condition of a lock', (manager: Manager) => manager.condition(fresh('condition'), manager.lock(fresh('lock'))).acquire()],
    ] as const)('a write goes through while its fence is held, and not after (%s)', async (_, acquire) => {
      const dict = clients.two.dict<string, number>(fresh('dict'));
      const held: Held = await acquire(clients.one);
      await dict.set('a', 1, { fence: held });
      await held.release();
      await expect(dict.set('a', 2, { fence: held })).rejects.toBeInstanceOf(StaleFenceError);
      expect(await dict.get('a')).toBe(1);
    });

    it.each(Object.entries(WRITES))('%s changes something under a fence that is held, and nothing under a stale one', async (_, write) => {
      const [objects, same, held] = await Promise.all([
        objectsOf(clients.one),
        objectsOf(clients.one),
        clients.one.lock(fresh('lock')).acquire(),
      ]);
      const fenced = fencedBy(held, objects);
      await write(fenced);
      const [changed, before] = await Promise.all([contents(objects), contents(same)]);
      expect(changed).not.toEqual(before);
      await held.release();
      const [others, alike] = await Promise.all([objectsOf(clients.one), objectsOf(clients.one)]);
      await expect(write(fencedBy(held, others))).rejects.toBeInstanceOf(StaleFenceError);
      expect(await contents(others)).toEqual(await contents(alike));
    });

    it('a holder whose lease ended changes nothing, the next one does', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const dict = clients.one.dict<string, string>(fresh('dict'));
      const late = await lock.acquire({ lease: 20 });
      const next = await clients.two.lock(lock.name).acquire();
      await aborted(late.signal);
      await clients.two.dict<string, string>(dict.name).set('by', 'next', { fence: next });
      await expect(dict.set('by', 'late', { fence: late })).rejects.toMatchObject({ code: 'STALE_FENCE', object: dict.name });
      expect(await dict.get('by')).toBe('next');
      await next.release();
    });

    it('a write that waits under a fence fails when it would take effect, if the fence is stale by then', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 1 });
      const value = clients.one.value<number>(fresh('value'), 0);
      const [held, locked] = [await clients.one.lock(fresh('lock')).acquire(), await clients.two.value(value.name, 0).lock()];
      await queue.put(1);
      const stale = [
        await queued(clients.one, queue.fencedBy(held).put(2)),
        await queued(clients.one, queue.fencedBy(held).putMany([3, 4])),
        await queued(clients.one, value.fencedBy(held).set(5)),
        await queued(clients.one, value.fencedBy(held).add(7)),
      ];
      const [plain, later] = [await queued(clients.one, queue.put(6)), await queued(clients.one, value.add(1))];
      await held.release();
      expect(await queue.get()).toBe(1);
      await locked.release();
      await Promise.all([plain.promise, later.promise]);
      for (const { promise } of stale) await expect(promise).rejects.toBeInstanceOf(StaleFenceError);
      expect([await queue.get(), await queue.size(), await value.get()]).toEqual([6, 0, 1]);
    });

    it('a fenced proxy reads as the other does, and is one of the same object with its options', async () => {
      const held = await clients.one.lock(fresh('lock')).acquire();
      const validate = (value: unknown): { value: number } => ({ value: Number(value) });
      const schema: Schema<number> = { '~standard': { version: 1, vendor: 'test', validate } };
      const list = clients.one.list<number>(undefined, { schema });
      const fenced = list.fencedBy(held);
      await fenced.push('3' as never);
      expect([fenced.name, await fenced.toArray(), await list.toArray()]).toEqual([list.name, [3], [3]]);
      await fenced[Symbol.asyncDispose]();
      expect(await list.length()).toBe(1);
      await held.release();
    });

    it('a fence that is no hold is refused', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await expect(dict.set('a', 1, { fence: {} as Held })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(() => dict.fencedBy({} as Held)).toThrow(InvalidArgumentError);
    });

    it('a batch with a stale fence applies nothing', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const list = clients.one.list<number>(fresh('list'));
      const held = await clients.one.lock(fresh('lock')).acquire();
      await clients.one.atomic().set(dict, 'a', 1, { fence: held }).push(list.fencedBy(held), 1).commit();
      await held.release();
      for (const batch of [
        clients.one.atomic().set(dict, 'b', 1).set(dict, 'a', 2, { fence: held }),
        clients.one.atomic().set(dict, 'b', 1).push(list.fencedBy(held), 2),
        clients.one.atomic().set(dict, 'b', 1).add(dict.fencedBy(held), 'a', 2),
      ]) {
        await expect(batch.commit()).rejects.toBeInstanceOf(StaleFenceError);
      }
      expect(await dict.toMap()).toEqual(new Map([['a', 1]]));
      expect(await list.toArray()).toEqual([1]);
    });
  });
}
