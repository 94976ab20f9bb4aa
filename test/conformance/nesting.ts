import { expect, it } from '@jest/globals';
import { OutOfRangeError, type Lock, type SharedDict, type SharedList, type SharedQueue, type SharedValue } from '../../client/index.js';
import { fresh, present, suite } from './support.js';
import type { Target } from './target.js';

/** True if plain data comes back frozen. */
const FREEZES = process.env['NODE_ENV'] !== 'production';

interface Player {
  name: string;
  tags: string[];
}

/** Objects inside objects: proxies stay live, plain data comes back as copies. */
export function nestingSuite(target: Target): void {
  suite(target, 'common: nested proxies', (clients) => {
    it('a list in a dict in a list is one object by every path (Python: test_list, test_dict_proxy_nested)', async () => {
      const inner = clients.one.list<number>(fresh('list'));
      const middle = clients.one.dict<string, SharedList<number>>(fresh('dict'));
      const outer = clients.one.list<SharedDict<string, SharedList<number>>>(fresh('list'));
      await middle.set('inner', inner);
      await outer.push(middle);
      const found = clients.two.list<SharedDict<string, SharedList<number>>>(outer.name);
      await present(await present(await found.at(0)).get('inner')).push(1, 2);
      await inner.push(3);
      expect(await present(await present(await found.at(0)).get('inner')).toArray()).toEqual([1, 2, 3]);
    });

    it('a queue in a list and in a dict works (Python: test_nested_queue)', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { capacity: 2 });
      const list = clients.one.list<SharedQueue<string>>(fresh('list'));
      const dict = clients.one.dict<string, SharedQueue<string>>(fresh('dict'));
      await queue.create();
      await Promise.all([list.push(queue), dict.set('queue', queue)]);
      await present(await clients.two.list<SharedQueue<string>>(list.name).at(0)).put('by the list');
      await present(await clients.two.dict<string, SharedQueue<string>>(dict.name).get('queue')).put('by the dict');
      expect(await queue.getMany(5)).toEqual(['by the list', 'by the dict']);
    });

    it('a proxy that is stored before its first use stands for the object with its options', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 1 });
      const value = clients.one.value<number>(fresh('value'), 7, { type: 'u8' });
      const queues = clients.one.list<SharedQueue<number>>(fresh('list'));
      const values = clients.one.list<SharedValue<number>>(fresh('list'));
      await Promise.all([queues.push(queue), values.push(value)]);
      const foundQueue = present(await clients.two.list<SharedQueue<number>>(queues.name).at(0));
      const foundValue = present(await clients.two.list<SharedValue<number>>(values.name).at(0));
      expect([await foundQueue.tryPut(1), await foundQueue.tryPut(2)]).toEqual([true, false]);
      expect(await foundValue.get()).toBe(7);
      await expect(foundValue.set(256)).rejects.toBeInstanceOf(OutOfRangeError);
    });

    it('a proxy travels through a queue (a gap in Python)', async () => {
      const scores = clients.one.dict<string, number>(fresh('dict'));
      const queue = clients.one.queue<SharedDict<string, number>>(fresh('queue'));
      await queue.put(scores);
      await (await clients.two.queue<SharedDict<string, number>>(queue.name).get()).set('ada', 1);
      expect(await scores.get('ada')).toBe(1);
    });

    it('a lock and a value inside plain data work when read', async () => {
      interface Pair {
        lock: Lock;
        parts: { value: SharedValue<number> }[];
      }
      const pair = { lock: clients.one.lock(fresh('lock')), parts: [{ value: clients.one.value<number>(fresh('value'), 5) }] };
      await pair.parts[0]?.value.create();
      const dict = clients.one.dict<string, Pair>(fresh('dict'));
      await dict.set('pair', pair);
      const back = present(await clients.two.dict<string, Pair>(dict.name).get('pair'));
      const held = await back.lock.acquire();
      expect(await pair.lock.locked()).toBe(true);
      await held.release();
      expect(await back.parts[0]?.value.add(1)).toBe(6);
    });

    it('a proxy keeps its kind and name', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const dict = clients.one.dict<string, SharedQueue<number>>(fresh('dict'));
      await dict.set('queue', queue);
      expect(await clients.two.dict<string, SharedQueue<number>>(dict.name).get('queue')).toMatchObject({
        kind: 'queue',
        name: queue.name,
      });
    });

    it('a proxy is compared like any value', async () => {
      const inner = clients.one.list<number>(fresh('list'));
      const outer = clients.one.list<SharedList<number>>(fresh('list'));
      await outer.push(inner);
      const found = clients.two.list<SharedList<number>>(outer.name);
      expect(await found.includes(clients.two.list<number>(inner.name))).toBe(true);
      expect(await found.includes(clients.two.list<number>(fresh('list')))).toBe(false);
    });

    it('an inner object outlives its place in a container (Python: test_dict_proxy_nested)', async () => {
      const inner = clients.one.dict<string, number>(fresh('dict'));
      const outer = clients.one.dict<string, SharedDict<string, number>>(fresh('dict'));
      await inner.set('kept', 1);
      await outer.set('inner', inner);
      await outer.clear();
      expect(await inner.get('kept')).toBe(1);
    });

    it('removing from the inner through the outer does not change the outer (Python: test_list_proxy_in_list)', async () => {
      const outer = clients.one.list<SharedList<number>>(fresh('list'));
      const inner = [0, 1, 2].map(() => clients.one.list<number>(fresh('list')));
      for (const list of inner) await list.push(1, 2, 3);
      await outer.push(...inner);
      expect(await present(await outer.at(-1)).pop()).toBe(3);
      expect(await outer.length()).toBe(3);
      expect(await Promise.all(inner.map((list) => list.length()))).toEqual([3, 3, 2]);
    });

    it('a list can contain itself (Python: test_list_proxy_in_list)', async () => {
      interface Loop extends SharedList<Loop> {}
      const list = clients.one.list<Loop>(fresh('list')) as Loop;
      await list.push(list);
      const found = present(await clients.two.list<Loop>(list.name).at(0));
      expect(await present(await found.at(0)).length()).toBe(1);
      expect(await list.destroy()).toBe(true);
    });
  });

  suite(target, 'common: copies', (clients) => {
    const player: Player = { name: 'Ada', tags: ['first'] };

    async function stored(): Promise<SharedDict<string, Player>> {
      const dict = clients.one.dict<string, Player>(fresh('dict'));
      await dict.set('player', player);
      return dict;
    }

    it('two reads are two copies', async () => {
      const dict = await stored();
      const [one, two] = await Promise.all([dict.get('player'), dict.get('player')]);
      expect(one).toEqual(two);
      expect(one).not.toBe(two);
      expect(one).not.toBe(player);
    });

    it('a stored value is not frozen for the caller', async () => {
      await stored();
      expect(Object.isFrozen(player)).toBe(false);
      expect(Object.isFrozen(player.tags)).toBe(false);
    });

    it('a change of a copy does not reach the manager (Python: test_dict_proxy_nested)', async () => {
      const dict = await stored();
      const copy = present(await dict.get('player')) as Player;
      try {
        copy.tags.push('lost');
      } catch {
        // Frozen, so that the mistake shows at once.
      }
      expect(await clients.two.dict<string, Player>(dict.name).get('player')).toEqual(player);
    });

    const whenFreezing = FREEZES ? it : it.skip;

    whenFreezing('a copy is frozen at every depth', async () => {
      const copy = present(await (await stored()).get('player')) as Player;
      expect(() => {
        copy.name = 'Eve';
      }).toThrow(TypeError);
      expect(() => copy.tags.push('lost')).toThrow(TypeError);
    });

    whenFreezing('every read method returns frozen copies', async () => {
      const dict = await stored();
      const list = clients.one.list<Player>(fresh('list'));
      const queue = clients.one.queue<Player>(fresh('queue'));
      const value = clients.one.value<Player>(fresh('value'), player);
      await Promise.all([list.push(player), queue.put(player)]);
      const copies = [
        await dict.get('player'),
        (await dict.getMany(['player'])).get('player'),
        (await dict.toMap()).get('player'),
        await dict.getOrInsert('player', player),
        await list.at(0),
        (await list.slice())[0],
        (await list.toArray())[0],
        (await queue.peek())[0],
        await queue.get(),
        await value.get(),
      ];
      for await (const [, copy] of dict) copies.push(copy);
      for await (const copy of list) copies.push(copy);
      expect(copies).toHaveLength(12);
      for (const copy of copies) {
        expect(copy).toEqual(player);
        expect(Object.isFrozen(copy)).toBe(true);
        expect(Object.isFrozen(copy?.tags)).toBe(true);
      }
    });
  });
}
