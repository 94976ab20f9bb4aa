import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type Frozen } from '../../client/index.js';
import { fresh, suite } from './support.js';
import type { Target } from './target.js';

/** Values that come back unchanged. */
const SAME: Record<string, unknown> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  'negative zero': -0,
  'a fraction': 0.1 + 0.2,
  'the largest number': Number.MAX_VALUE,
  'the largest safe integer': Number.MAX_SAFE_INTEGER,
  NaN: NaN,
  Infinity: Infinity,
  'negative Infinity': -Infinity,
  'a bigint': 42n,
  'the smallest 64-bit bigint': -(2n ** 63n),
  'a bigint beyond 64 bits': 2n ** 200n + 1n,
  'a negative bigint beyond 64 bits': -(2n ** 100n),
  'empty text': '',
  text: 'commonhold',
  'text of any script': 'häußlich 漢字 😀 \u0000 end',
  'long text': 'x'.repeat(100_000),
  'empty bytes': new Uint8Array(0),
  bytes: Uint8Array.of(0, 127, 128, 255),
  'an empty array': [],
  'an array': [1, 'two', null, [3n, [true]]],
  'an empty object': {},
  'an object': { name: 'Ada', born: { year: 1815 }, tags: ['a', 'b'] },
  'undefined inside an object and an array': { gone: undefined, list: [undefined, 1] },
  'the keys of an object in their order': { z: 1, a: 2, m: 3 },
  'keys that look dangerous': JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}') as unknown,
  'a Map': new Map<unknown, unknown>([
    ['a', 1],
    [2, new Map([[3n, 'deep']])],
  ]),
  'an empty Map': new Map(),
  'a Set': new Set<unknown>([1, 'one', 1n, null]),
  'a Date': new Date(1_700_000_000_123),
  'a Date before 1970': new Date(-86_400_001),
  'a RegExp': /^a+(?<name>b)\/$/giu,
  'an Int8Array': Int8Array.of(-128, 127),
  'a Uint8ClampedArray': Uint8ClampedArray.of(0, 255),
  'an Int16Array': Int16Array.of(-32_768, 32_767),
  'a Uint16Array': Uint16Array.of(0, 65_535),
  'an Int32Array': Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
  'a Uint32Array': Uint32Array.of(0, 2 ** 32 - 1),
  'a Float32Array': Float32Array.of(0.5, -0, Infinity),
  'a Float64Array': Float64Array.of(Math.PI, NaN),
  'a BigInt64Array': BigInt64Array.of(-(2n ** 63n), 1n),
  'a BigUint64Array': BigUint64Array.of(2n ** 64n - 1n),
  'an ArrayBuffer': Uint8Array.of(1, 2, 3).buffer,
  'typed arrays inside an object': { a: Float64Array.of(1, 2), b: [Uint8Array.of(9)] },
  'special numbers inside an object': { nan: NaN, infinite: -Infinity, big: 2n ** 64n },
};

/** Values that cannot be encoded. */
const REFUSED: Record<string, unknown> = {
  'a function': () => 1,
  'a function inside an object': { deep: [() => 1] },
  'a symbol': Symbol('s'),
};

const SHARED = new SharedArrayBuffer(64);

/** Values that are, or hold, shared memory; the place that the refusal names, and the remedy. */
const OVER_SHARED_MEMORY: [what: string, value: unknown, says: RegExp][] = [
  ['a SharedArrayBuffer', SHARED, /a SharedArrayBuffer at \$: .*Uint8Array\.from/],
  ['a Uint8Array over one', new Uint8Array(SHARED), /a Uint8Array over a SharedArrayBuffer at \$: .*Uint8Array\.from\(view\)/],
  ['a short Uint8Array over one', new Uint8Array(SHARED, 0, 3), /a Uint8Array over a SharedArrayBuffer at \$: /],
  ['a Buffer over one', Buffer.from(SHARED), /a Buffer over a SharedArrayBuffer at \$: .*Buffer\.from\(view\)/],
  ['an Int32Array over one, in an object', { counts: new Int32Array(SHARED) }, /an Int32Array over a SharedArrayBuffer at \$\.counts: /],
  ['a Float64Array over one, in a Map', new Map([['m', [new Float64Array(SHARED)]]]), /at \$\.get\("m"\)\[0\]: .*Float64Array\.from/],
  ['bytes over one, in an array', [1, new Uint8Array(SHARED)], /at \$\[1\]: /],
  ['a DataView over one', { view: new DataView(SHARED) }, /a DataView over a SharedArrayBuffer at \$\.view: .*copy/],
];

/** Values that users may store, tested as values of a dict. */
export function payloadSuite(target: Target): void {
  suite(target, 'dict: payloads', (clients) => {
    async function roundTripped<V>(value: V): Promise<Frozen<V> | undefined> {
      const name = fresh('dict');
      await clients.one.dict<string, V>(name).set('key', value);
      return clients.two.dict<string, V>(name).get('key');
    }

    for (const [what, value] of Object.entries(SAME)) {
      it(`brings back ${what}`, async () => {
        expect(await roundTripped(value)).toStrictEqual(value);
      });
    }

    it('brings back the order of the keys of an object', async () => {
      expect(Object.keys((await roundTripped({ z: 1, a: 2, m: 3 })) ?? {})).toEqual(['z', 'a', 'm']);
    });

    it('brings back a key "__proto__" as data, and touches no prototype', async () => {
      const back = await roundTripped(JSON.parse('{"__proto__": {"polluted": true}}') as object);
      expect(Object.keys(back ?? {})).toEqual(['__proto__']);
      expect(back).not.toHaveProperty('polluted');
      expect({}).not.toHaveProperty('polluted');
    });

    it('brings back a property that is undefined as present', async () => {
      expect(Object.hasOwn((await roundTripped({ gone: undefined })) ?? {}, 'gone')).toBe(true);
    });

    it('brings back an Error with name and message', async () => {
      const back = await roundTripped(new RangeError('too far'));
      expect(back).toBeInstanceOf(Error);
      expect(back).toMatchObject({ name: 'RangeError', message: 'too far' });
    });

    it('brings back an Error inside an object', async () => {
      const back = await roundTripped({ failed: new Error('inside') });
      expect(back?.failed).toBeInstanceOf(Error);
      expect(back?.failed.message).toBe('inside');
    });

    it('brings back a cycle', async () => {
      interface Node {
        name: string;
        self?: Node;
        children: Node[];
      }
      const root: Node = { name: 'root', children: [] };
      root.self = root;
      root.children.push({ name: 'child', children: [root] });
      const back = await roundTripped(root);
      expect(back?.self).toBe(back);
      expect(back?.children[0]?.name).toBe('child');
      expect(back?.children[0]?.children[0]).toBe(back);
    });

    it('brings back a Map that contains itself', async () => {
      const map = new Map<string, unknown>();
      map.set('self', map);
      const back = await roundTripped(map);
      expect(back?.get('self')).toBe(back);
    });

    it('brings a Buffer back as a Uint8Array of its own bytes', async () => {
      const back: Uint8Array | undefined = await roundTripped<Uint8Array>(Buffer.from('bytes'));
      expect(Buffer.isBuffer(back)).toBe(false);
      expect(back).toEqual(Uint8Array.from(Buffer.from('bytes')));
    });

    it('stores only the part of a buffer that a view shows', async () => {
      const whole = Float64Array.of(1, 2, 3, 4);
      expect(await roundTripped(whole.subarray(1, 3))).toStrictEqual(Float64Array.of(2, 3));
    });

    it('copies a value at the call: a later change of the bytes has no effect', async () => {
      const name = fresh('dict');
      const bytes = Uint8Array.of(1, 2, 3);
      const object = { list: [1] };
      const done = Promise.all([
        clients.one.dict<string, unknown>(name).set('bytes', bytes),
        clients.one.dict<string, unknown>(name).set('object', object),
      ]);
      bytes.fill(9);
      object.list.push(2);
      await done;
      const seen = clients.two.dict<string, unknown>(name);
      expect(await seen.get('bytes')).toEqual(Uint8Array.of(1, 2, 3));
      expect(await seen.get('object')).toEqual({ list: [1] });
    });

    it('carries a value of some megabytes', async () => {
      const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
      const back = await roundTripped(bytes);
      expect(Buffer.compare(back ?? new Uint8Array(0), bytes)).toBe(0);
    });

    for (const [what, value] of Object.entries(REFUSED)) {
      it(`refuses ${what} with InvalidArgumentError and changes nothing`, async () => {
        const dict = clients.one.dict<string, unknown>(fresh('dict'));
        await dict.set('key', 'before');
        await expect(dict.set('key', value)).rejects.toBeInstanceOf(InvalidArgumentError);
        expect(await dict.get('key')).toBe('before');
      });
    }

    it.each(OVER_SHARED_MEMORY)('refuses %s, saying where it is and how to copy it', async (_, value, says) => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      const queue = clients.one.queue<unknown>(fresh('queue'));
      for (const call of [() => dict.set('key', value), () => dict.setMany({ a: 1, b: value }), () => queue.put(value)]) {
        const refusal = call();
        await expect(refusal).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(refusal).rejects.toThrow(says);
      }
      expect([await dict.size(), await queue.size()]).toEqual([0, 0]);
    });

    it('refuses a key over shared memory', async () => {
      const dict = clients.one.dict<Uint8Array, number>(fresh('dict'));
      const refusal = dict.set(new Uint8Array(SHARED), 1);
      await expect(refusal).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(refusal).rejects.toThrow(/SharedArrayBuffer.*Uint8Array\.from/);
    });

    it('stores a copy of shared memory', async () => {
      expect(await roundTripped(Int32Array.from(new Int32Array(SHARED)))).toStrictEqual(new Int32Array(16));
    });
  });

  suite(target, 'common: undefined', (clients) => {
    it('is no value of a dict', async () => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      await expect(dict.set('key', undefined)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(dict.setMany({ a: 1, b: undefined })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(dict.getOrInsert('key', undefined)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await dict.size()).toBe(0);
    });

    it('is no item of a list', async () => {
      const list = clients.one.list<unknown>(fresh('list'));
      await list.push(1);
      for (const call of [
        () => list.push(2, undefined),
        () => list.unshift(undefined),
        () => list.extend([2, undefined]),
        () => list.insert(0, undefined),
        () => list.set(0, undefined),
        () => list.splice(0, 1, undefined),
      ]) {
        await expect(call()).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await list.toArray()).toEqual([1]);
    });

    it('is no item of a queue', async () => {
      const queue = clients.one.queue<unknown>(fresh('queue'));
      for (const call of [() => queue.put(undefined), () => queue.tryPut(undefined), () => queue.putMany([1, undefined])]) {
        await expect(call()).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await queue.size()).toBe(0);
    });
  });
}
