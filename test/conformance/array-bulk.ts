import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OutOfRangeError, type SharedArray, type Typecode } from '../../client/index.js';
import { collect, fresh, range, suite } from './support.js';
import type { Target } from './target.js';
import { stress } from '../support/stress.js';

/** Number of elements: more than one page of an iteration, and some MB. */
const MANY = stress(150_000, 500_000);

/** Operations on many elements of an array at once. */
export function arrayBulkSuite(target: Target): void {
  suite(target, 'array: slices', (clients) => {
    const make = <T extends Typecode>(type: T, init: Parameters<typeof clients.one.array<T>>[2]): SharedArray<T> =>
      clients.one.array(fresh('array'), type, init);

    /** The same array as a client sees it that has only a reference to it. */
    const byReference = <T extends Typecode>({ kind, name }: SharedArray<T>): SharedArray<T> =>
      clients.two.open({ kind, name, address: '' }) as unknown as SharedArray<T>;

    it('read() gives a typed array of the type (Python: test_array, slices)', async () => {
      expect(await make('i8', [-1]).read()).toEqual(Int8Array.of(-1));
      expect(await make('u8', [255]).read()).toEqual(Uint8Array.of(255));
      expect(await make('i16', [-300]).read()).toEqual(Int16Array.of(-300));
      expect(await make('u16', [65_000]).read()).toEqual(Uint16Array.of(65_000));
      expect(await make('i32', [-70_000]).read()).toEqual(Int32Array.of(-70_000));
      expect(await make('u32', [2 ** 32 - 1]).read()).toEqual(Uint32Array.of(2 ** 32 - 1));
      expect(await make('i64', [-1n]).read()).toEqual(BigInt64Array.of(-1n));
      expect(await make('u64', [2n ** 64n - 1n]).read()).toEqual(BigUint64Array.of(2n ** 64n - 1n));
      expect(await make('f32', [0.5]).read()).toEqual(Float32Array.of(0.5));
      expect(await make('f64', [Math.PI, NaN, -Infinity]).read()).toEqual(Float64Array.of(Math.PI, NaN, -Infinity));
      expect(await make('bool', [true, false, 1, 0]).read()).toEqual(Uint8Array.of(1, 0, 1, 0));
    });

    it('read() takes a range, from either end, and ignores the part beyond the array (Python: test_array, slices)', async () => {
      const array = make('i32', range(0, 10));
      const ranges: [number | undefined, number?][] = [
        [3],
        [2, 5],
        [-3],
        [-5, -2],
        [0, 100],
        [-100, 2],
        [5, 5],
        [7, 3],
        [10],
        [undefined, 4],
      ];
      for (const [start, end] of ranges) {
        expect([...(await array.read(start, end))]).toEqual(range(0, 10).slice(start, end));
      }
    });

    it('read() is a copy (Python: test_copy)', async () => {
      const array = make('i32', [1, 2]);
      const copy = await array.read();
      copy[0] = 9;
      await array.set(1, 5);
      expect([copy, await array.read()]).toEqual([Int32Array.of(9, 2), Int32Array.of(1, 5)]);
    });

    it('write() replaces elements from an index on, counted from either end (Python: test_array, slice assignment)', async () => {
      const array = make('i32', range(0, 6));
      await array.write(1, [10, 20]);
      await array.write(-2, Int32Array.of(40, 50));
      await array.write(6, []);
      expect(await array.read()).toEqual(Int32Array.of(0, 10, 20, 3, 40, 50));
    });

    it('write() beyond the end is an OutOfRangeError and writes nothing (Python: ValueError for another length)', async () => {
      const array = make('i32', 3);
      for (const [start, values] of [
        [0, [1, 2, 3, 4]],
        [2, [1, 2]],
        [-1, [1, 2]],
        [3, [1]],
        [4, []],
        [-4, [1]],
      ] as [number, number[]][]) {
        await expect(array.write(start, values)).rejects.toBeInstanceOf(OutOfRangeError);
      }
      expect(await array.read()).toEqual(new Int32Array(3));
    });

    it('write() takes typed arrays of all types, and checks each element', async () => {
      const array = make('u8', 3);
      for (const values of [Float64Array.of(1, 2, 3), Int8Array.of(1, 2, 3), new Uint8ClampedArray([1, 2, 3]), Buffer.from([1, 2, 3])]) {
        await array.fill(0);
        await array.write(0, values);
        expect(await array.read()).toEqual(Uint8Array.of(1, 2, 3));
      }
      await expect(array.write(0, Int16Array.of(1, 256))).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(array.write(0, Float32Array.of(0.5))).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(array.write(0, BigInt64Array.of(1n) as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(make('bool', 1).write(0, Uint8Array.of(2))).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await array.read()).toEqual(Uint8Array.of(1, 2, 3));
    });

    it('write() takes a part of a typed array, with the values at the time of the call', async () => {
      const values = Float64Array.from(range(0, 10));
      const array = make('f64', 3);
      const written = array.write(0, values.subarray(4, 7));
      values.fill(0);
      await written;
      expect(await array.read()).toEqual(Float64Array.of(4, 5, 6));
    });

    it('write() through a reference checks and converts too', async () => {
      const numbers = make('u8', 4);
      const there = byReference(numbers);
      await numbers.length();
      await there.write(0, [1, 2].values());
      await there.write(2, Int32Array.of(3, 4));
      await expect(there.write(0, [9, 256])).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(there.write(0, [1n] as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(there.write(0, [true] as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(there.write(0, ['1'] as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await numbers.read()).toEqual(Uint8Array.of(1, 2, 3, 4));
      const large = make('u64', 2);
      await large.length();
      await byReference(large).write(0, [1n, 2n ** 64n - 1n]);
      expect(await large.read()).toEqual(BigUint64Array.of(1n, 2n ** 64n - 1n));
      const flags = make('bool', 2);
      await flags.length();
      await byReference(flags).write(0, [true, true]);
      await byReference(flags).write(1, [0]);
      expect(await flags.read()).toEqual(Uint8Array.of(1, 0));
    });

    it('fill() sets a range to one value, counted from either end', async () => {
      const array = make('i32', 6);
      await array.fill(1);
      await array.fill(2, 4);
      await array.fill(3, 1, 3);
      await array.fill(4, -1, 100);
      await array.fill(5, 3, 1);
      expect(await array.read()).toEqual(Int32Array.of(1, 3, 3, 1, 2, 4));
    });

    it('gives another client the same sums (Python: test_array, prefix sums)', async () => {
      const one = await make('i64', range(0, 10).map(BigInt)).create();
      const there = clients.two.array(one.name, 'i64', 10);
      const sums = await there.read();
      for (let at = 1; at < sums.length; at++) sums[at]! += sums[at - 1]!;
      await there.write(0, sums);
      expect(await one.get(9)).toBe(45n);
      expect(await clients.two.array(undefined, 'i64', await one.read()).get(-1)).toBe(45n);
    });
  });

  suite(target, 'array: size', (clients) => {
    /** A few MB in which no two parts are equal. */
    const values = (): Float64Array => Float64Array.from({ length: MANY }, (_, index) => index * 1.5 - 7);

    it('some MB come back unchanged, as initial elements and by write()', async () => {
      const made = clients.one.array(fresh('array'), 'f64', values());
      expect(Buffer.compare(Buffer.from((await made.read()).buffer), Buffer.from(values().buffer))).toBe(0);
      const written = clients.one.array(fresh('array'), 'f64', MANY);
      await written.write(0, values());
      const back = await clients.two.array(written.name, 'f64', MANY).read();
      expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(values().buffer))).toBe(0);
    });

    it('several clients write some MB at once without mixing them', async () => {
      const name = fresh('array');
      const [one, two] = [clients.one.array(name, 'i32', MANY), clients.two.array(name, 'i32', MANY)];
      const writes = range(1, 5).map((turn) => (turn % 2 === 0 ? one : two).write(0, new Int32Array(MANY).fill(turn)));
      const reads = range(0, 4).map((turn) => (turn % 2 === 0 ? one : two).read());
      for (const elements of await Promise.all(reads)) expect(elements.every((element) => element === elements[0])).toBe(true);
      await Promise.all(writes);
    });

    it('iteration yields each element in order, page by page', async () => {
      const count = 40_000;
      const array = clients.one.array(fresh('array'), 'u16', range(0, count));
      expect(await collect(array)).toEqual(range(0, count));
      expect(await collect(clients.one.array(undefined, 'u8', 2 * 16_384))).toHaveLength(2 * 16_384);
      expect(await collect(clients.one.array(undefined, 'bool', [true, false]))).toEqual([true, false]);
      expect(await collect(clients.one.array(undefined, 'u64', [2n ** 63n]))).toEqual([2n ** 63n]);
      expect(await collect(clients.one.array(undefined, 'u8', 0))).toEqual([]);
    });

    it('iteration sees writes ahead of it (Python: test_list_iter), through a reference too', async () => {
      const array = clients.one.array(fresh('array'), 'i32', 40_000);
      await array.length();
      const there = clients.two.open({ kind: 'array', name: array.name, address: '' }) as unknown as SharedArray<'i32'>;
      let seen = 0;
      for await (const element of there) {
        if (seen++ === 0) await array.fill(7, 20_000);
        if (seen === 40_000) expect(element).toBe(7);
      }
      expect(seen).toBe(40_000);
    });
  });
}
