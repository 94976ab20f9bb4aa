import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  OptionsConflictError,
  OutOfRangeError,
  type ManagerError,
  type SharedArray,
  type SharedDict,
  type Typecode,
} from '../../client/index.js';
import { fresh, present, range, suite } from './support.js';
import type { Target } from './target.js';

/** For each type: two elements that fit, and values that do not. */
const TYPES: Record<Typecode, { has: [unknown, unknown]; beyond: unknown[]; none: unknown[] }> = {
  i8: { has: [-128, 127], beyond: [-129, 128, 0.5, NaN, Infinity], none: ['1', 1n, true, null] },
  u8: { has: [0, 255], beyond: [-1, 256, 0.5], none: ['1', 1n] },
  i16: { has: [-(2 ** 15), 2 ** 15 - 1], beyond: [-(2 ** 15) - 1, 2 ** 15], none: [1n] },
  u16: { has: [0, 2 ** 16 - 1], beyond: [-1, 2 ** 16], none: [1n] },
  i32: { has: [-(2 ** 31), 2 ** 31 - 1], beyond: [-(2 ** 31) - 1, 2 ** 31, 1e300], none: [1n] },
  u32: { has: [0, 2 ** 32 - 1], beyond: [-1, 2 ** 32], none: [1n] },
  i64: { has: [-(2n ** 63n), 2n ** 63n - 1n], beyond: [-(2n ** 63n) - 1n, 2n ** 63n], none: [1, '1'] },
  u64: { has: [0n, 2n ** 64n - 1n], beyond: [-1n, 2n ** 64n], none: [1] },
  f32: { has: [-0.5, Infinity], beyond: [1e39, -1e39], none: [1n, '0.5'] },
  f64: { has: [-1e300, NaN], beyond: [], none: [1n, '0.5', null] },
  bool: { has: [false, true], beyond: [2, 0.5, -1], none: ['true', 1n, null] },
};

/** Class of the error, for a test of equality. */
const classOf = (error: unknown): unknown => (error as ManagerError).constructor;

/** An array: its elements one by one, its types and its creation. */
export function arraySuite(target: Target): void {
  suite(target, 'array: elements', (clients) => {
    /** The same array as two clients see it. */
    function pair<T extends Typecode>(type: T, init: Parameters<typeof clients.one.array<T>>[2]): [SharedArray<T>, SharedArray<T>] {
      const name = fresh('array');
      return [clients.one.array(name, type, init), clients.two.array(name, type, init)];
    }

    it('is made of values, and another client sees them (Python: test_array, test_rawarray)', async () => {
      const [one, two] = pair('i32', range(0, 10));
      expect(await one.length()).toBe(10);
      expect(await Promise.all([0, 5, 9].map((index) => two.get(index)))).toEqual([0, 5, 9]);
      expect(one.type).toBe('i32');
    });

    it('made of a length has that number of zeros (Python: test_array_from_size)', async () => {
      // Each round reuses memory that earlier arrays wrote to.
      for (const _ of range(0, 3)) {
        const [array] = pair('i32', 100);
        expect(await array.read()).toEqual(new Int32Array(100));
        await array.write(0, range(1, 101));
        await array.destroy();
      }
      expect(await clients.one.array(undefined, 'u64', 2).get(0)).toBe(0n);
      expect(await clients.one.array(undefined, 'bool', 2).get(1)).toBe(false);
    });

    it('may be empty', async () => {
      for (const init of [0, []]) {
        const [array] = pair('f64', init);
        expect(await array.length()).toBe(0);
        expect(await array.read()).toEqual(new Float64Array(0));
        await expect(array.get(0)).rejects.toBeInstanceOf(OutOfRangeError);
      }
    });

    it('takes its elements from any iterable or typed array', async () => {
      const inits: Iterable<number>[] = [
        [1, 2, 3],
        new Set([1, 2, 3]),
        [1, 2, 3].values(),
        Uint8Array.of(1, 2, 3),
        Float64Array.of(1, 2, 3),
      ];
      for (const init of inits) {
        const [array] = pair('i16', init);
        expect(await array.read()).toEqual(Int16Array.of(1, 2, 3));
      }
    });

    it('begins with the values at the time its proxy was made, though they change later', async () => {
      const values = Float64Array.of(1, 2, 3);
      const array = clients.one.array(fresh('array'), 'f64', values);
      values.fill(9);
      expect(await array.read()).toEqual(Float64Array.of(1, 2, 3));
    });

    it('set() replaces, get() reads, counting from either end (Python: test_array)', async () => {
      const [one, two] = pair('i32', [1, 2, 3]);
      await one.set(0, 10);
      await two.set(-1, 30);
      expect(await Promise.all([0, 1, 2, -1, -2, -3].map((index) => two.get(index)))).toEqual([10, 2, 30, 30, 2, 10]);
    });

    it('an index beyond the ends is an OutOfRangeError, and a non-integer one an InvalidArgumentError', async () => {
      const [array] = pair('i32', 3);
      for (const index of [3, -4, 1e10, -Infinity]) {
        await expect(array.get(index)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(array.set(index, 1)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(array.add(index, 1)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(array.compareAndSet(index, 0, 1)).rejects.toBeInstanceOf(OutOfRangeError);
      }
      for (const index of [0.5, NaN, '1' as unknown as number]) await expect(array.get(index)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await array.read()).toEqual(new Int32Array(3));
    });

    it('add() adds and returns the new element', async () => {
      const [one, two] = pair('i32', [1, 2]);
      expect([await one.add(1, 5), await two.add(-1, -10)]).toEqual([7, -3]);
      expect(await one.read()).toEqual(Int32Array.of(1, -3));
      const large = clients.one.array(undefined, 'u64', [2n ** 63n]);
      expect(await large.add(0, 2n ** 62n)).toBe(2n ** 63n + 2n ** 62n);
      expect(await clients.one.array(undefined, 'f32', [0.5]).add(0, 0.1)).toBe(Math.fround(0.6));
    });

    it('add() beyond the range of the type is an OutOfRangeError, and so is a fraction; the element stays (Python wraps)', async () => {
      const [array] = pair('u8', [250, 3]);
      for (const delta of [6, 1000, -251, 0.5, NaN]) await expect(array.add(0, delta)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await array.add(0, 5)).toBe(255);
      const signed = clients.one.array(undefined, 'i64', [2n ** 63n - 1n]);
      await expect(signed.add(0, 1n)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await signed.get(0)).toBe(2n ** 63n - 1n);
    });

    it('add() of a value that is no number of the type is an InvalidArgumentError', async () => {
      const [array] = pair('i32', 1);
      await expect(array.add(0, 1n as unknown as number)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(array.add(0, '1' as unknown as number)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(clients.one.array(undefined, 'i64', 1).add(0, 1 as unknown as bigint)).rejects.toBeInstanceOf(InvalidArgumentError);
      const flags = clients.one.array(undefined, 'bool', 1) as unknown as SharedArray<'u8'>;
      await expect(flags.add(0, 1)).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('compareAndSet() replaces the expected element and no other', async () => {
      const [one, two] = pair('i32', [1, 2]);
      expect([await one.compareAndSet(0, 1, 5), await two.compareAndSet(0, 1, 6), await two.compareAndSet(-2, 5, 7)]).toEqual([
        true,
        false,
        true,
      ]);
      expect(await one.get(0)).toBe(7);
    });

    it('compareAndSet() compares as the type does: rounded, NaN with itself, -0 with 0', async () => {
      const single = clients.one.array(undefined, 'f32', [0.1]);
      expect(await single.compareAndSet(0, 0.1, NaN)).toBe(true);
      expect(await single.compareAndSet(0, NaN, -0)).toBe(true);
      expect(await single.compareAndSet(0, 0, 1)).toBe(true);
      const flags = clients.one.array(undefined, 'bool', [true]);
      expect([await flags.compareAndSet(0, false, true), await flags.compareAndSet(0, true, false)]).toEqual([false, true]);
      const large = clients.one.array(undefined, 'i64', [2n ** 60n]);
      expect([await large.compareAndSet(0, 2n ** 60n + 1n, 0n), await large.compareAndSet(0, 2n ** 60n, 0n)]).toEqual([false, true]);
      await expect(large.compareAndSet(0, 0n, 2n ** 63n)).rejects.toBeInstanceOf(OutOfRangeError);
    });

    it('loses no increment of two clients (a gap in Python)', async () => {
      const [one, two] = pair('i32', 4);
      await Promise.all(range(0, 200).map((turn) => (turn % 2 === 0 ? one : two).add(turn % 4, 1)));
      expect(await one.read()).toEqual(Int32Array.of(50, 50, 50, 50));
    });
  });

  suite(target, 'array: types', (clients) => {
    for (const [name, { has, beyond, none }] of Object.entries(TYPES)) {
      const type = name as Typecode;
      /** The type of the elements does not matter here. */
      const make = (init: unknown): SharedArray => clients.one.array(undefined, type, init as number);

      it(`${type} holds its least and its greatest value, and nothing beyond (Python: test_array)`, async () => {
        const array = make(2);
        for (const [index, value] of has.entries()) await array.set(index, value as number);
        expect([await array.get(0), await array.get(1)]).toEqual(has);
        await array.fill(has[1] as number);
        expect([await array.get(0), await array.get(1)]).toEqual([has[1], has[1]]);
        await array.write(0, has as number[]);
        for (const [values, error] of [
          [beyond, OutOfRangeError],
          [none, InvalidArgumentError],
        ] as const) {
          for (const value of values as number[]) {
            const writes = [array.set(0, value), array.write(0, [value]), array.fill(value), array.write(0, [has[1] as number, value])];
            const refused = (await Promise.allSettled(writes)).map((write) => write.status === 'rejected' && classOf(write.reason));
            expect(refused).toEqual(writes.map(() => error));
            expect(() => make([has[0], value])).toThrow(error);
          }
        }
        expect([await array.get(0), await array.get(1)]).toEqual(has);
        expect([...(await make(has).read())]).toEqual(has.map((value) => (typeof value === 'boolean' ? Number(value) : value)));
      });
    }

    it('f32 rounds', async () => {
      const array = clients.one.array(undefined, 'f32', [0.1, 0]);
      await array.set(1, 0.2);
      expect(await array.read()).toEqual(Float32Array.of(0.1, 0.2));
      expect(await array.get(1)).toBe(Math.fround(0.2));
    });

    it('names the wrong one of many values', async () => {
      const array = clients.one.array(undefined, 'u8', 5);
      await expect(array.write(0, [1, 2, 256])).rejects.toThrow('value 2: 256 is not of the type u8');
    });

    it('refuses an unknown type and an invalid length (Python: test_invalid_shared_memory_creation)', () => {
      expect(() => clients.one.array(undefined, 'i33' as Typecode, 1)).toThrow(InvalidArgumentError);
      expect(() => clients.one.array(undefined, 'toString' as Typecode, 1)).toThrow(InvalidArgumentError);
      for (const length of [-1, 0.5, NaN, 2 ** 31, Infinity])
        expect(() => clients.one.array(undefined, 'u8', length)).toThrow(OutOfRangeError);
      for (const init of [null, {}, true] as unknown as number[])
        expect(() => clients.one.array(undefined, 'u8', init)).toThrow(InvalidArgumentError);
    });
  });

  suite(target, 'array: options', (clients) => {
    it('refuses another type or length than the array has', async () => {
      const name = fresh('array');
      await clients.one.array(name, 'i32', [1, 2, 3]).create();
      for (const other of [
        clients.two.array(name, 'u32', [1, 2, 3]),
        clients.two.array(name, 'i32', [1, 2]),
        clients.two.array(name, 'i32', 4),
        clients.two.array(name, 'i32', 0),
      ] as SharedArray[]) {
        await expect(other.length()).rejects.toBeInstanceOf(OptionsConflictError);
        await expect(other.set(0, 9)).rejects.toBeInstanceOf(OptionsConflictError);
      }
      expect(await clients.one.array(name, 'i32', 3).read()).toEqual(Int32Array.of(1, 2, 3));
    });

    it('takes other elements of the same length for no conflict, and keeps the present ones', async () => {
      const name = fresh('array');
      await clients.one.array(name, 'i32', [1, 2, 3]).create();
      expect(await clients.two.array(name, 'i32', [7, 8, 9]).get(0)).toBe(1);
      expect(await clients.two.array(name, 'i32', 3).get(2)).toBe(3);
    });

    it('a destroyed array is a NotFoundError to clients that used it, and a new proxy makes a new one', async () => {
      const name = fresh('array');
      const array = clients.one.array(name, 'i32', [1, 2]);
      await array.set(0, 5);
      await clients.two.array(name, 'i32', 2).destroy();
      await expect(array.get(0)).rejects.toBeInstanceOf(NotFoundError);
      expect(await clients.one.array(name, 'i32', [1, 2]).get(0)).toBe(1);
    });

    it('is found through a reference, without its type or length', async () => {
      const array = clients.one.array(fresh('array'), 'u8', [1, 2, 3]);
      const dict = clients.one.dict<string, SharedArray<'u8'>>(fresh('dict'));
      await dict.set('array', array);
      const found = async (): Promise<SharedArray<'u8'>> =>
        present(await clients.two.dict<string, SharedDict | SharedArray<'u8'>>(dict.name).get('array')) as SharedArray<'u8'>;
      const there = await found();
      expect([there.type, await there.get(-1), await there.length()]).toEqual([undefined, 3, 3]);
      await there.set(0, 10);
      await expect(there.set(0, 256)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await there.read()).toEqual(Uint8Array.of(10, 2, 3));
      expect(there.type).toBe('u8');
    });

    it('that does not exist is a NotFoundError to a reference', async () => {
      const array = clients.one.open({ kind: 'array', name: fresh('array'), address: '' }) as SharedArray;
      await expect(array.get(0)).rejects.toBeInstanceOf(NotFoundError);
      await expect(array.write(0, [1])).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}
