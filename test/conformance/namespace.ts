import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type Namespace, type SharedList } from '../../client/index.js';
import { fresh, present, range, suite } from './support.js';
import type { Target } from './target.js';

/** True if plain data comes back frozen. */
const FREEZES = process.env['NODE_ENV'] !== 'production';

interface Settings {
  name: string;
  job?: string;
  level: number;
  tags: string[];
  total: bigint;
}

/** A namespace: its properties one by one, many at once, and its initial ones. */
export function namespaceSuite(target: Target): void {
  suite(target, 'namespace: properties', (clients) => {
    const make = <T extends object = Settings>(): Namespace<T> => clients.one.namespace<T>(fresh('namespace'));

    it('is shared by all clients that use its name (Python: test_namespace of SyncManager)', async () => {
      const namespace = make();
      await namespace.set('name', 'Bob');
      const there = clients.two.namespace<Settings>(namespace.name);
      expect(await there.get('name')).toBe('Bob');
      await there.set('job', 'Builder');
      expect(await namespace.get('job')).toBe('Builder');
    });

    it('sets, replaces and deletes properties (Python: test_namespace)', async () => {
      const namespace = make();
      await namespace.set('name', 'Bob');
      await namespace.set('job', 'Builder');
      await namespace.set('name', 'Alice');
      expect(await namespace.delete('job')).toBe(true);
      expect(await namespace.delete('job')).toBe(false);
      expect(await namespace.toObject()).toEqual({ name: 'Alice' });
    });

    it('returns undefined for a missing property', async () => {
      const namespace = make();
      expect(await namespace.get('name')).toBeUndefined();
      expect(await namespace.has('name')).toBe(false);
    });

    it('has() tells null from absence', async () => {
      const namespace = make<{ nothing: null; other: null }>();
      await namespace.set('nothing', null);
      expect(await namespace.get('nothing')).toBeNull();
      expect(await namespace.has('nothing')).toBe(true);
      expect(await namespace.has('other')).toBe(false);
    });

    it('keeps the types of values', async () => {
      const namespace = make<Record<string, unknown>>();
      const values = {
        number: 1.5,
        bigint: 5n,
        bytes: Uint8Array.of(1, 2),
        map: new Map([[1, new Set(['a'])]]),
        date: new Date(7),
        list: [[]],
      };
      for (const [name, value] of Object.entries(values)) await namespace.set(name, value);
      expect(await namespace.toObject()).toEqual(values);
    });

    it('takes any text as a name, names of prototypes too', async () => {
      const namespace = make<Record<string, string>>();
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', '_hidden', 'ünïcödé 😀', '\0b', '1'];
      for (const name of names) expect(await namespace.get(name)).toBeUndefined();
      for (const name of names) await namespace.set(name, `of ${name}`);
      for (const name of names) expect(await clients.two.namespace<Record<string, string>>(namespace.name).get(name)).toBe(`of ${name}`);
      expect(await namespace.delete('__proto__')).toBe(true);
      expect(await namespace.has('__proto__')).toBe(false);
      expect(await namespace.has('constructor')).toBe(true);
    });

    it('refuses names that are no text', async () => {
      const namespace = make<Record<string, unknown>>();
      for (const wrong of [1, 1n, true, null, undefined, Symbol('s'), {}, '\ud800']) {
        const name = wrong as string;
        await expect(namespace.get(name)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(namespace.set(name, 1)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(namespace.has(name)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(namespace.delete(name)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(namespace.update(name, () => 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await namespace.toObject()).toEqual({});
    });

    it('refuses undefined and values that cannot be encoded', async () => {
      const namespace = make<Record<string, unknown>>();
      for (const wrong of [undefined, () => 1, Symbol('s')]) {
        await expect(namespace.set('a', wrong)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await namespace.has('a')).toBe(false);
    });

    it('returns copies', async () => {
      const namespace = make();
      const tags = ['a'];
      await namespace.set('tags', tags);
      tags.push('b');
      const got = present(await namespace.get('tags'));
      expect(got).toEqual(['a']);
      expect(Object.isFrozen(got)).toBe(FREEZES);
    });

    it('holds live proxies of other objects', async () => {
      const namespace = make<{ log: SharedList<string>; self: Namespace<object> }>();
      await namespace.set('log', clients.one.list<string>(fresh('list')));
      await namespace.set('self', namespace);
      const there = clients.two.namespace<{ log: SharedList<string> }>(namespace.name);
      await present(await there.get('log')).push('from two');
      expect(await present(await namespace.get('log')).toArray()).toEqual(['from two']);
      expect(present(await namespace.get('self')).name).toBe(namespace.name);
    });
  });

  suite(target, 'namespace: many at once', (clients) => {
    const make = <T extends object = Record<string, unknown>>(): Namespace<T> => clients.one.namespace<T>(fresh('namespace'));

    it('assign() sets all own enumerable properties and leaves the others', async () => {
      const namespace = make();
      await namespace.assign({ a: 1, b: 2 });
      const source = Object.create({ inherited: 1 }) as Record<string, unknown>;
      Object.assign(source, { b: 3, c: 4, [Symbol('s')]: 5 });
      Object.defineProperty(source, 'hidden', { value: 6, enumerable: false });
      await namespace.assign(source);
      expect(await namespace.toObject()).toEqual({ a: 1, b: 3, c: 4 });
    });

    it('assign() of no properties changes nothing', async () => {
      const namespace = make();
      await namespace.assign({});
      expect(await namespace.toObject()).toEqual({});
    });

    it('assign() sets none if one cannot be encoded', async () => {
      const namespace = make();
      await namespace.set('a', 1);
      for (const wrong of [() => 1, undefined]) {
        await expect(namespace.assign({ a: 2, b: wrong })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await namespace.toObject()).toEqual({ a: 1 });
    });

    it('other clients see all of assign() or none', async () => {
      const namespace = make<{ a: number; b: number }>();
      const there = clients.two.namespace<{ a: number; b: number }>(namespace.name);
      await namespace.assign({ a: 0, b: 0 });
      const writes = range(1, 100).map((number) => namespace.assign({ a: number, b: number }));
      const pictures = await Promise.all(range(0, 100).map(() => there.toObject()));
      await Promise.all(writes);
      for (const { a, b } of pictures) expect(a).toBe(b);
    });

    it('toObject() returns a plain object in the order in which the properties were added', async () => {
      const namespace = make();
      await namespace.assign({ b: 1, a: 2 });
      await namespace.set('c', 3);
      await namespace.set('b', 4);
      const object = await namespace.toObject();
      expect(Object.entries(object)).toEqual([
        ['b', 4],
        ['a', 2],
        ['c', 3],
      ]);
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      expect(Object.isFrozen(object)).toBe(FREEZES);
    });

    it('toObject() has __proto__ as a property and no other prototype', async () => {
      const namespace = make();
      await namespace.assign(JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }') as Record<string, unknown>);
      const object = await clients.two.namespace(namespace.name).toObject();
      expect(Object.keys(object).sort()).toEqual(['__proto__', 'constructor']);
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      expect(object['polluted']).toBeUndefined();
      expect(Object.getOwnPropertyDescriptor(object, '__proto__')?.value).toEqual({ polluted: true });
    });
  });

  suite(target, 'namespace: initial', (clients) => {
    it('values apply to a namespace that does not exist yet', async () => {
      const namespace = clients.one.namespace(fresh('namespace'), { level: 1, name: 'first' });
      expect(await namespace.get('level')).toBe(1);
      expect(await clients.two.namespace(namespace.name).toObject()).toEqual({ level: 1, name: 'first' });
    });

    it('values do not apply to one that exists', async () => {
      const namespace = clients.one.namespace(fresh('namespace'), { level: 1 });
      await namespace.set('level', 2);
      const there = clients.two.namespace<{ level: number; extra?: number }>(namespace.name, { level: 7, extra: 8 });
      expect(await there.toObject()).toEqual({ level: 2 });
      const empty = clients.one.namespace(fresh('namespace'));
      await empty.create();
      expect(await clients.two.namespace(empty.name, { level: 7 }).toObject()).toEqual({});
    });

    it('values are not restored after a property was deleted', async () => {
      const namespace = clients.one.namespace<{ level?: number }>(fresh('namespace'), { level: 1 });
      await namespace.delete('level');
      expect(await namespace.has('level')).toBe(false);
    });

    it('values apply again after destroy()', async () => {
      const namespace = clients.one.namespace<{ level: number }>(fresh('namespace'), { level: 1 });
      await namespace.set('level', 2);
      await namespace.destroy();
      expect(await namespace.get('level')).toBe(1);
    });

    it('values are copied when the proxy is made', async () => {
      const initial = { level: 1 };
      const namespace = clients.one.namespace(fresh('namespace'), initial);
      initial.level = 2;
      expect(await namespace.get('level')).toBe(1);
    });

    it('values are there for a client that finds it in another object before its first use', async () => {
      const list = clients.one.list<Namespace<{ level: number }>>(fresh('list'));
      await list.push(clients.one.namespace(undefined, { level: 1 }));
      const found = present(await clients.two.list<Namespace<{ level: number }>>(list.name).at(0));
      expect(await found.get('level')).toBe(1);
    });

    it('values that cannot be encoded are refused at once', () => {
      expect(() => clients.one.namespace(undefined, { wrong: () => 1 })).toThrow(InvalidArgumentError);
    });
  });

  suite(target, 'namespace: update', (clients) => {
    const make = (): Namespace<Settings> => clients.one.namespace<Settings>(fresh('namespace'));

    it('stores the result of the function, and returns it', async () => {
      const namespace = make();
      expect(await namespace.update('level', (level = 10) => level + 1)).toBe(11);
      expect(await namespace.update('level', (level = 10) => level + 1)).toBe(12);
      expect(await namespace.get('level')).toBe(12);
    });

    it('deletes if the function returns undefined', async () => {
      const namespace = make();
      await namespace.set('job', 'Builder');
      expect(await namespace.update('job', () => undefined)).toBeUndefined();
      expect(await namespace.has('job')).toBe(false);
      expect(await namespace.update('job', () => undefined)).toBeUndefined();
    });

    it('changes nothing if the function throws', async () => {
      const namespace = make();
      await namespace.set('level', 1);
      const failing = namespace.update('level', () => {
        throw new Error('in the function');
      });
      await expect(failing).rejects.toThrow('in the function');
      expect(await namespace.get('level')).toBe(1);
    });

    it('of two clients at once loses nothing', async () => {
      const namespace = make();
      const there = clients.two.namespace<Settings>(namespace.name);
      await Promise.all(range(0, 60).map((index) => (index % 2 === 0 ? namespace : there).update('level', (level = 0) => level + 1)));
      expect(await namespace.get('level')).toBe(60);
    });

    it('runs again on the newer value when another write came between', async () => {
      const namespace = make();
      await namespace.set('tags', ['a']);
      const seen: (readonly string[] | undefined)[] = [];
      let between: Promise<void> | undefined;
      const updated = await namespace.update('tags', (tags = []) => {
        seen.push(tags);
        // Sent in the same session before the swap, so that it arrives first.
        between ??= namespace.set('tags', ['b']);
        return [...tags, 'mine'];
      });
      await between;
      expect(seen).toEqual([['a'], ['b']]);
      expect(updated).toEqual(['b', 'mine']);
      expect(await namespace.get('tags')).toEqual(['b', 'mine']);
    });

    it('compares deeply, bigints and bytes included', async () => {
      const namespace = make();
      await namespace.set('total', 2n ** 70n);
      expect(await namespace.update('total', (total = 0n) => total + 1n)).toBe(2n ** 70n + 1n);
    });
  });
}
