import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClosedError, InvalidArgumentError, Manager, type Pool, type Progress } from 'commonhold';
import { collect, range } from '../conformance/support.js';
import { Numbers } from '../support/numbers.js';
import { until } from '../support/until.js';
import type jobsModule from './programs/jobs.js';
import type { Job } from './programs/jobs.js';
import type squareModule from './programs/square.js';

// Inputs, results and progress of a pool, for a loop that is slow, leaves, or meets errors.

interface Square {
  default: typeof squareModule;
}
interface Jobs {
  default: typeof jobsModule;
}
const SQUARE = new URL('./programs/square.js', import.meta.url);
const JOBS = new URL('./programs/jobs.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  let squares: Pool<Square>;

  beforeAll(() => {
    squares = manager.pool<Square>(SQUARE, { [kind]: 2 });
  });

  afterAll(() => squares.terminate());

  describe('takes inputs', () => {
    test.each(['sync', 'async'] as const)('%s endless ones, and never more than it needs', async (how) => {
      const numbers = new Numbers();
      const chunkSize = 3;
      const results = squares.imap(numbers[how](), { chunkSize });
      expect(numbers.taken).toBe(0);
      for (const x of range(0, 50)) {
        expect(await results.next()).toEqual({ done: false, value: x * x });
        expect(numbers.taken).toBeLessThanOrEqual(x + 1 + 2 * 2 * chunkSize);
      }
      await pause(50);
      expect(numbers.taken).toBeLessThanOrEqual(50 + 2 * 2 * chunkSize);
      expect(await results.return!()).toEqual({ done: true, value: undefined });
      expect(await results.next()).toEqual({ done: true, value: undefined });
      // An iterator that is waited on ends when it has its next input.
      await until('they are closed', () => numbers.closed);
    });

    test.each(['imap', 'imapUnordered'] as const)('%s: leaving the loop closes them, and drops waiting ones', async (how) => {
      const numbers = new Numbers();
      for await (const result of squares[how](numbers.sync())) if (result >= 100) break;
      expect(numbers.closed).toBe(true);
      await until('nothing is left to do', () => squares.stats.queued + squares.stats.running === 0);
      expect(await squares.apply(3)).toBe(9);
    });

    test('disposal closes them as well', async () => {
      const numbers = new Numbers();
      {
        await using results = squares.imap(numbers.async());
        await results.next();
      }
      // The pool may have been asking for an input at that moment; then it closes after that.
      await until('it is closed', () => numbers.closed);
    });

    test('and does not wait for one that is under way', async () => {
      async function* stuck(): AsyncGenerator<number> {
        yield 1;
        await new Promise(() => {});
      }
      const results = squares.imap(stuck());
      expect(await results.next()).toEqual({ done: false, value: 1 });
      const waiting = results.next();
      await results.return!();
      expect(await waiting).toEqual({ done: true, value: undefined });
    });

    test('of a map: sync, async, and as they were at the call', async () => {
      const list = [1, 2, 3];
      const result = squares.map(list);
      list[0] = 100;
      expect(await result).toEqual([1, 4, 9]);
      async function* later(): AsyncGenerator<number> {
        for (const x of list) {
          await pause(1);
          yield x;
        }
      }
      expect(await squares.map(later())).toEqual([10_000, 4, 9]);
      await expect(squares.map(null as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(() => squares.imap(7 as unknown as number[])).toThrow(InvalidArgumentError);
    });

    test('that cannot be encoded fail in their place, and the others continue', async () => {
      const results = manager.pool<Jobs>(JOBS, { [kind]: 1 });
      try {
        const inputs = ['nothing', (() => 1) as unknown as Job, 'pid'] as Job[];
        const all = results.imap(inputs);
        expect(await all.next()).toEqual({ done: false, value: undefined });
        await expect(all.next()).rejects.toBeInstanceOf(InvalidArgumentError);
        expect((await all.next()).done).toBe(false);
        expect((await all.next()).done).toBe(true);
      } finally {
        await results.terminate();
      }
    });

    test('several concurrent next() are answered in order', async () => {
      const results = squares.imap([3, -1, 2]);
      const outcomes = await Promise.allSettled([results.next(), results.next(), results.next(), results.next()]);
      expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value.value : (one.reason as Error).name))).toEqual([
        9,
        'RangeError',
        4,
        undefined,
      ]);
    });
  });

  test.each(['imap', 'imapUnordered'] as const)('%s continues after a task that failed', async (how) => {
    const results = squares[how](range(-3, 3));
    const seen: unknown[] = [];
    for (let left = 6; left > 0; left--) {
      seen.push(
        await results.next().then(
          ({ value }) => value,
          (error: unknown) => (error as Error).name,
        ),
      );
    }
    expect(seen.sort()).toEqual([0, 1, 4, 'RangeError', 'RangeError', 'RangeError']);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  describe('names the input', () => {
    test('of an error of map() and starmap(), and none of apply()', async () => {
      await expect(squares.map([1, 2, -3, 4, -5], { chunkSize: 2 })).rejects.toMatchObject({ name: 'RangeError', inputIndex: 2 });
      await expect(squares.starmap([[1], [-2, 0]])).rejects.toMatchObject({ inputIndex: 1 });
      await expect(squares.map([1, (() => 1) as never])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', inputIndex: 1 });
      const error: unknown = await squares.apply(-1).catch((caught: unknown) => caught);
      expect(error).not.toHaveProperty('inputIndex');
    });

    test('of results of imapUnordered(), by entries()', async () => {
      const entries: [number, number][] = [];
      for await (const entry of squares.imapUnordered(range(0, 20)).entries()) entries.push(entry);
      expect(entries.sort(([a], [b]) => a - b)).toEqual(range(0, 20).map((x) => [x, x * x]));
      expect(await collect(squares.imap([7, 8]).entries())).toEqual([[0, 49], [1, 64]]); // prettier-ignore
    });

    test.each(['imap', 'imapUnordered'] as const)('of errors of %s, and another loop continues after them', async (how) => {
      const results = squares[how]([1, -2, 3, -4]);
      const seen: unknown[] = [];
      for (let failed = true; failed;) {
        failed = false;
        try {
          for await (const result of results) seen.push(result);
        } catch (error) {
          seen.push((error as { inputIndex: number }).inputIndex * 100);
          failed = true;
        }
      }
      expect(seen.sort()).toEqual([1, 100, 300, 9]);
    });
  });

  test('mapSettled() returns the outcome of each task, in the order of the inputs', async () => {
    const settled = await squares.mapSettled([2, -1, 3], { chunkSize: 3 });
    expect(settled).toEqual([
      { status: 'fulfilled', value: 4 },
      { status: 'rejected', reason: expect.objectContaining({ name: 'RangeError', inputIndex: 1 }) },
      { status: 'fulfilled', value: 9 },
    ]);
    expect(await squares.mapSettled([])).toEqual([]);
    await expect(squares.mapSettled([1], { signal: AbortSignal.abort(new Error('no longer')) })).rejects.toThrow('no longer');
  });

  test('an iteration that an error stopped fails with ClosedError when it continues after the end of its pool', async () => {
    const pool = manager.pool<Square>(SQUARE, { [kind]: 1 });
    const results = pool.imap([-1, 2, 3, 4, 5, 6], { chunkSize: 1 });
    await expect(results.next()).rejects.toThrow(RangeError);
    await pool.terminate();
    const outcomes = [];
    for (;;) {
      const [outcome] = await Promise.allSettled([results.next()]);
      if (outcome.status === 'fulfilled' && outcome.value.done === true) break;
      outcomes.push(outcome);
    }
    expect(outcomes.length).toBeGreaterThan(0);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ClosedError);
    expect(outcomes.at(-1)!.status).toBe('rejected');
  });

  test('a loop that an error ended does not hold up the end of the pool', async () => {
    const pool = manager.pool<Square>(SQUARE, { [kind]: 1 });
    const numbers = new Numbers();
    const negative = (function* () {
      yield -1;
      yield* numbers.sync();
    })();
    const loop = async (): Promise<void> => {
      for await (const _ of pool.imap(negative));
    };
    await expect(loop()).rejects.toThrow(RangeError);
    await pool.close();
    await pool.join();
    expect(numbers.taken).toBeLessThanOrEqual(2);
  });

  describe('progress', () => {
    test('of a map is reported, up to its total', async () => {
      const told: Progress[] = [];
      await squares.map(range(0, 50), { onProgress: (progress) => told.push(progress) });
      expect(told.at(-1)).toEqual({ done: 50, total: 50 });
      expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
    });

    test('of an iteration has a total when its inputs have ended', async () => {
      const told: Progress[] = [];
      await collect(squares.imapUnordered(range(0, 20), { onProgress: (progress) => told.push(progress) }));
      expect([told[0]!.done, told[0]!.total, told.at(-1)]).toEqual([1, undefined, { done: 20, total: 20 }]);
    });

    test('counts tasks that failed, and ends the call if the listener throws', async () => {
      const told: number[] = [];
      await expect(squares.map([1, -1, 2], { onProgress: ({ done }) => told.push(done) })).rejects.toThrow(RangeError);
      expect(told).toEqual([1, 2, 3]);
      const onProgress = (): never => {
        throw new Error('the listener');
      };
      await expect(squares.map([1, 2, 3], { onProgress })).rejects.toThrow('the listener');
      await expect(collect(squares.imap([1, 2, 3], { onProgress }))).rejects.toThrow('the listener');
    });
  });
});
