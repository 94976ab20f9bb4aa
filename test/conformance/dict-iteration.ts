import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type Key, type SharedDict } from '../../client/index.js';
import { collect, fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Number of entries: more than two pages of an answer. */
const MANY = 2600;

/** Iteration of a dict, alone and beside writers. */
export function dictIterationSuite(target: Target): void {
  suite(target, 'dict: iteration', (clients) => {
    async function filled(count: number): Promise<SharedDict<number, string>> {
      const dict = clients.one.dict<number, string>(fresh('dict'));
      await dict.setMany(range(0, count).map((number): [number, string] => [number, `value ${number}`]));
      return dict;
    }

    it('of an empty dict yields nothing', async () => {
      const dict = await filled(0);
      expect(await collect(dict)).toEqual([]);
      expect(await collect(dict.keys())).toEqual([]);
    });

    it('yields the entries in insertion order (Python: test_dict_iter)', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await dict.setMany({ z: 1, a: 2, m: 3 });
      expect(await collect(dict)).toEqual([
        ['z', 1],
        ['a', 2],
        ['m', 3],
      ]);
    });

    it('keys(), values() and entries() yield theirs (Python: test_dict)', async () => {
      const dict = await filled(3);
      expect(await collect(dict.keys())).toEqual([0, 1, 2]);
      expect(await collect(dict.values())).toEqual(['value 0', 'value 1', 'value 2']);
      expect(await collect(dict.entries())).toEqual([
        [0, 'value 0'],
        [1, 'value 1'],
        [2, 'value 2'],
      ]);
    });

    it('goes over more entries than one page', async () => {
      const dict = await filled(MANY);
      expect(await collect(dict.keys())).toEqual(range(0, MANY));
      expect((await collect(dict)).map(([key]) => key)).toEqual(range(0, MANY));
      expect(await collect(dict.values())).toHaveLength(MANY);
      expect((await dict.toMap()).size).toBe(MANY);
    });

    it('works in a client that did not make the dict (a gap in Python)', async () => {
      const dict = await filled(3);
      expect(await collect(clients.two.dict<number, string>(dict.name).keys())).toEqual([0, 1, 2]);
    });

    it('with a prefix yields the keys that are texts and begin with it', async () => {
      const dict = clients.one.dict<Key, number>(fresh('dict'));
      const keys = ['user:1', 'User:2', 'user:2', 'user', '', 'user:', 12, 1n, true, Uint8Array.from(Buffer.from('user:3')), '\0user:'];
      await dict.setMany(keys.map((key, index): [Key, number] => [key, index]));
      expect(await collect(dict.keys({ prefix: 'user:' }))).toEqual(['user:1', 'user:2', 'user:']);
      expect(await collect(dict.values({ prefix: 'user' }))).toEqual([0, 2, 3, 5]);
      expect(await collect(dict.entries({ prefix: '\0' }))).toEqual([['\0user:', 10]]);
      expect(await collect(dict.keys({ prefix: '' }))).toEqual(keys.filter((key) => typeof key === 'string'));
      expect(await collect(dict.keys({ prefix: 'users' }))).toEqual([]);
    });

    it('with a prefix finds a few among very many keys, and pages of many', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const many = 70_000;
      await dict.setMany(range(0, many).map((number): [string, number] => [`${number % 20 === 0 ? 'a' : 'b'}${number}`, number]));
      await dict.set('c', 1);
      expect(await collect(dict.keys({ prefix: 'c' }))).toEqual(['c']);
      expect(await collect(dict.values({ prefix: 'a' }))).toEqual(range(0, many / 20).map((number) => number * 20));
    });

    it('refuses a prefix that is no text', () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      for (const prefix of [1, null, Uint8Array.of(97), /a/, '\ud83d'] as never[]) {
        for (const iterate of ['keys', 'values', 'entries'] as const) {
          expect(() => dict[iterate]({ prefix })).toThrow(InvalidArgumentError);
        }
      }
      expect(() => dict.keys({ prefx: 'a' } as never)).toThrow(InvalidArgumentError);
    });

    it('starts from the beginning each time', async () => {
      const dict = await filled(2);
      expect(await collect(dict.keys())).toEqual([0, 1]);
      await dict.set(2, 'value 2');
      expect(await collect(dict.keys())).toEqual([0, 1, 2]);
    });

    it('can be left early', async () => {
      const dict = await filled(MANY);
      const seen: number[] = [];
      for await (const key of dict.keys()) {
        seen.push(key);
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([0, 1, 2]);
      expect(await dict.size()).toBe(MANY);
    });

    it('of two at once do not disturb each other', async () => {
      const dict = await filled(MANY);
      const there = clients.two.dict<number, string>(dict.name);
      const [one, two, three] = await Promise.all([collect(dict.keys()), collect(dict.keys()), collect(there.keys())]);
      for (const keys of [one, two, three]) expect(keys).toEqual(range(0, MANY));
    });

    it('ends beside a writer that changes the size (Python: test_dict_iter raises here)', async () => {
      const dict = await filled(10);
      const seen: number[] = [];
      for await (const key of dict.keys()) {
        seen.push(key);
        await dict.delete(key);
      }
      expect(seen).toEqual(range(0, 10));
      expect(await dict.size()).toBe(0);
    });

    it('ends although a writer inserts at each step', async () => {
      const dict = await filled(10);
      let next = 10;
      for await (const key of dict.keys()) {
        expect(key).toBeLessThan(next);
        if (next < 5000) await dict.set(next++, 'later');
      }
      expect(next).toBeLessThan(5000);
    });

    it('while another client deletes, yields each entry that stays, and none twice', async () => {
      const dict = await filled(MANY);
      const there = clients.two.dict<number, string>(dict.name);
      const seen: number[] = [];
      for await (const [key] of dict) {
        seen.push(key);
        // Deletes the keys not divisible by three, on every page, behind and ahead of the iteration.
        if (seen.length % 200 === 0) {
          await there.deleteMany(range(0, MANY).filter((number) => number % 3 !== 0 && number % 200 < seen.length / 10));
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((key) => key % 3 === 0)).toEqual(range(0, MANY).filter((key) => key % 3 === 0));
    });

    it('while another client inserts, yields each entry that was there, and none twice', async () => {
      const dict = await filled(MANY);
      const there = clients.two.dict<number, string>(dict.name);
      const seen: number[] = [];
      let next = MANY;
      for await (const key of dict.keys()) {
        seen.push(key);
        if (seen.length % 100 === 0 && next < 2 * MANY) {
          await there.setMany(range(next, next + 50).map((number): [number, string] => [number, 'new']));
          next += 50;
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((key) => key < MANY)).toEqual(range(0, MANY));
    });

    it('does not yield a key twice that another client deletes and sets again', async () => {
      const dict = await filled(MANY);
      const there = clients.two.dict<number, string>(dict.name);
      const seen: number[] = [];
      for await (const key of dict.keys()) {
        seen.push(key);
        if (seen.length % 500 === 0) {
          await there.deleteMany([0, 1, key]);
          await there.setMany([
            [0, 'again'],
            [1, 'again'],
            [key, 'again'],
          ]);
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(range(0, MANY));
    });

    it('ends when another clears the dict', async () => {
      const dict = await filled(MANY);
      const seen: number[] = [];
      for await (const key of dict.keys()) {
        seen.push(key);
        if (seen.length === 1) await clients.two.dict<number, string>(dict.name).clear();
      }
      expect(seen).toEqual(range(0, seen.length));
      expect(seen.length).toBeLessThanOrEqual(MANY);
    });

    it('toMap() is one snapshot beside a writer', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'));
      const there = clients.two.dict<number, number>(dict.name);
      const all = (round: number): [number, number][] => range(0, MANY).map((number) => [number, round]);
      await dict.setMany(all(0));
      const writes = range(1, 6).map((round) => there.setMany(all(round)));
      for (let reads = 0; reads < 5; reads++) {
        const map = await dict.toMap();
        expect(map.size).toBe(MANY);
        expect(new Set(map.values()).size).toBe(1);
      }
      await Promise.all(writes);
    });
  });
}
