import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OutOfRangeError, type Typecode } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** A value without a holder of its lock: reading, writing, and its types. */
export function valueSuite(target: Target): void {
  suite(target, 'value: one value', (clients) => {
    const make = <T>(initial: T) => clients.one.value<T>(fresh('value'), initial);

    it('begins with its initial value (Python: test_value)', async () => {
      expect(await make('start').get()).toBe('start');
    });

    it('takes the initial value of the first client only', async () => {
      const value = make(1);
      await value.create();
      const there = clients.two.value<number>(value.name, 2);
      expect(await there.get()).toBe(1);
      await there.set(3);
      expect(await clients.two.value<number>(value.name, 4).get()).toBe(3);
    });

    it('shows each client the writes of others (Python: test_value, test_rawvalue)', async () => {
      const value = make(1);
      await value.set(2);
      const there = clients.two.value<number>(value.name, 0);
      expect(await there.get()).toBe(2);
      await there.set(3);
      expect(await value.get()).toBe(3);
    });

    it('holds any payload, and can change its type', async () => {
      const value = make<unknown>(null);
      for (const next of ['text', 5n, { a: [1] }, new Map([[1, 2]]), new Date(5), Uint8Array.of(1), null, false]) {
        await value.set(next);
        expect(await clients.two.value<unknown>(value.name, null).get()).toEqual(next);
      }
    });

    it('refuses undefined and values that cannot be encoded', async () => {
      const value = make<unknown>(1);
      await expect(value.set(undefined)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(value.set(() => 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await value.get()).toBe(1);
    });

    it('add() returns the new number', async () => {
      const value = make(5);
      expect(await value.add(2)).toBe(7);
      expect(await value.add(-7.5)).toBe(-0.5);
      expect(await value.get()).toBe(-0.5);
    });

    it('add() is exact with bigints', async () => {
      const value = make(2n ** 60n);
      expect(await value.add(1n)).toBe(2n ** 60n + 1n);
    });

    it('add() refuses values that are no number, and mixing numbers and bigints', async () => {
      const cases: [unknown, unknown][] = [
        ['5', 1],
        [null, 1],
        [true, 1],
        [5, 1n],
        [5n, 1],
        [5, '1'],
      ];
      for (const [initial, delta] of cases) {
        const value = make<unknown>(initial);
        await expect(value.add(delta as never)).rejects.toBeInstanceOf(InvalidArgumentError);
        expect(await value.get()).toBe(initial);
      }
    });

    it('add() of two clients at once loses nothing (a gap in Python: v.value += 1)', async () => {
      const value = make(0);
      const there = clients.two.value<number>(value.name, 0);
      await Promise.all(range(0, 200).map((index) => (index % 2 === 0 ? value : there).add(1)));
      expect(await value.get()).toBe(200);
    });

    it('compareAndSet() replaces the expected value, and no other', async () => {
      const value = make<unknown>(1);
      for (const other of [2, '1', 1n, true, null]) expect(await value.compareAndSet(other, 9)).toBe(false);
      expect(await value.get()).toBe(1);
      expect(await value.compareAndSet(1, 'next')).toBe(true);
      expect(await value.get()).toBe('next');
    });

    it('compareAndSet() compares deeply, and ignores the order of keys', async () => {
      const value = make<unknown>({ one: [1, new Set(['a'])], two: { x: 1, y: 2 } });
      expect(await value.compareAndSet({ one: [1, new Set(['b'])], two: { x: 1, y: 2 } }, 'no')).toBe(false);
      expect(await value.compareAndSet({ two: { y: 2, x: 1 }, one: [1, new Set(['a'])] }, 'yes')).toBe(true);
    });

    it('compareAndSet() lets one of many win', async () => {
      const value = make(-1);
      const there = clients.two.value<number>(value.name, -1);
      const outcomes = await Promise.all(range(0, 20).map((index) => (index % 2 === 0 ? value : there).compareAndSet(-1, index)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await value.get()).toBe(outcomes.indexOf(true));
    });

    it('update() stores the result of the change, and returns it', async () => {
      const value = make({ count: 1 });
      expect(await value.update(({ count }) => ({ count: count + 1 }))).toEqual({ count: 2 });
      expect(await value.get()).toEqual({ count: 2 });
    });

    it('update() loses no write that came between', async () => {
      const value = make(1);
      const seen: number[] = [];
      const between: Promise<void>[] = [];
      const result = await value.update((old) => {
        seen.push(old);
        if (seen.length === 1) between.push(value.set(200));
        return old + 1;
      });
      await Promise.all(between);
      // Under the lock, the write comes after the change; without it, the change runs again on the written value.
      expect([
        { seen: [1], result: 2, end: 200 },
        { seen: [1, 200], result: 201, end: 201 },
      ]).toContainEqual({ seen, result, end: await value.get() });
    });

    it('update() of two clients at once loses nothing', async () => {
      const value = make(0);
      const there = clients.two.value<number>(value.name, 0);
      await Promise.all(range(0, 60).map((index) => (index % 2 === 0 ? value : there).update((old) => old + 1)));
      expect(await value.get()).toBe(60);
    });

    it('update() rejects with the error of the change, and leaves the value', async () => {
      const value = make(1);
      const failure = new Error('no change');
      const throwing = (): number => {
        throw failure;
      };
      await expect(value.update(throwing)).rejects.toBe(failure);
      expect(await value.get()).toBe(1);
      await value.set(2, { timeout: 0 });
    });
  });

  suite(target, 'value: types', (clients) => {
    const typed = <T>(type: Typecode, initial: T) => clients.one.value<T>(fresh('value'), initial, { type });

    const INTEGERS: Partial<Record<Typecode, [number, number]>> = {
      i8: [-128, 127],
      u8: [0, 255],
      i16: [-32_768, 32_767],
      u16: [0, 65_535],
      i32: [-(2 ** 31), 2 ** 31 - 1],
      u32: [0, 2 ** 32 - 1],
    };

    for (const [name, [least, most]] of Object.entries(INTEGERS)) {
      const type = name as Typecode;

      it(`${type} holds ${least} to ${most}, and refuses values beyond (Python wraps)`, async () => {
        const value = typed(type, 0);
        for (const edge of [least, most]) {
          await value.set(edge);
          expect(await value.get()).toBe(edge);
        }
        for (const beyond of [least - 1, most + 1, 2 ** 53, -(2 ** 53), Infinity, -Infinity, NaN]) {
          await expect(value.set(beyond)).rejects.toBeInstanceOf(OutOfRangeError);
        }
        expect(await value.get()).toBe(most);
      });

      it(`${type} refuses a fraction`, async () => {
        const value = typed(type, 1);
        await expect(value.set(1.5)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(value.add(0.5)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(value.compareAndSet(1, 1.5)).rejects.toBeInstanceOf(OutOfRangeError);
        expect(await value.get()).toBe(1);
      });

      it(`${type} subtracts with a negative delta`, async () => {
        const value = typed(type, most);
        expect(await value.add(-1)).toBe(most - 1);
        expect(await value.add(-100)).toBe(most - 101);
      });

      it(`${type} refuses a sum out of its range, and keeps the value`, async () => {
        const value = typed(type, most);
        await expect(value.add(1)).rejects.toBeInstanceOf(OutOfRangeError);
        expect(await value.get()).toBe(most);
        await value.set(least);
        await expect(value.add(-1)).rejects.toBeInstanceOf(OutOfRangeError);
        expect(await value.get()).toBe(least);
      });
    }

    const BIG: Partial<Record<Typecode, [bigint, bigint]>> = {
      i64: [-(2n ** 63n), 2n ** 63n - 1n],
      u64: [0n, 2n ** 64n - 1n],
    };

    for (const [name, [least, most]] of Object.entries(BIG)) {
      const type = name as Typecode;

      it(`${type} holds bigints from ${least} to ${most}, and refuses values beyond`, async () => {
        const value = typed(type, 0n);
        for (const edge of [least, most]) {
          await value.set(edge);
          expect(await value.get()).toBe(edge);
        }
        await expect(value.set(least - 1n)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(value.set(most + 1n)).rejects.toBeInstanceOf(OutOfRangeError);
        await expect(value.add(1n)).rejects.toBeInstanceOf(OutOfRangeError);
        expect(await value.get()).toBe(most);
        expect(await value.add(-1n)).toBe(most - 1n);
      });

      it(`${type} refuses a number`, async () => {
        const value = typed<unknown>(type, 0n);
        await expect(value.set(1)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(value.add(1)).rejects.toBeInstanceOf(InvalidArgumentError);
        expect(await value.get()).toBe(0n);
      });
    }

    it('f32 rounds', async () => {
      const value = typed('f32', 0.1);
      expect(await value.get()).toBe(Math.fround(0.1));
      await value.set(1 / 3);
      expect(await value.get()).toBe(Math.fround(1 / 3));
      expect(await value.add(0.1)).toBe(Math.fround(Math.fround(1 / 3) + Math.fround(0.1)));
    });

    it('f64 holds every number', async () => {
      const value = typed('f64', 0.1);
      expect(await value.add(0.2)).toBe(0.1 + 0.2);
      for (const number of [Number.MAX_VALUE, -0, NaN, -Infinity, Number.MIN_VALUE]) {
        await value.set(number);
        expect(await value.get()).toBe(number);
      }
    });

    it('bool holds true and false, and refuses other values', async () => {
      const value = typed<unknown>('bool', false);
      await value.set(true);
      expect(await value.get()).toBe(true);
      for (const other of [1, 0, 'true', null]) await expect(value.set(other)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(value.add(1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await value.get()).toBe(true);
    });

    for (const type of ['i32', 'u8', 'f32', 'f64'] as const) {
      it(`${type} refuses values that are no number (Python does not check)`, async () => {
        const value = typed<unknown>(type, 0);
        for (const other of ['1', null, true, 1n, [1]]) {
          await expect(value.set(other)).rejects.toBeInstanceOf(InvalidArgumentError);
        }
        expect(await value.get()).toBe(0);
      });
    }

    it('an initial value that does not fit its type is refused, and no value is made', async () => {
      const name = fresh('value');
      // The factory may refuse, or the first operation.
      const begin = async (initial: unknown): Promise<unknown> => clients.one.value<unknown>(name, initial, { type: 'u8' }).get();
      await expect(begin(300)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(begin('a')).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await clients.one.dict<string, number>(name).exists()).toBe(false);
      expect(await clients.one.value<number>(name, 3, { type: 'u8' }).get()).toBe(3);
    });

    it('the type applies to a client that did not give it', async () => {
      const value = typed('u8', 255);
      await value.create();
      const there = clients.two.value<number>(value.name, 0);
      await expect(there.set(256)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(there.add(1)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await value.get()).toBe(255);
    });

    it('a value without a type has no bounds', async () => {
      const value = clients.one.value<number>(fresh('value'), 2 ** 31 - 1);
      expect(await value.add(1)).toBe(2 ** 31);
      expect(await value.add(0.5)).toBe(2 ** 31 + 0.5);
    });
  });
}
