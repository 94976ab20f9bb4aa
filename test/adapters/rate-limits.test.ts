import { expect, test } from '@jest/globals';
import { range } from '../conformance/support.js';
import { Managers } from './support.js';

const managers = new Managers();
const ROUNDS = 10;
const LIMIT = 100;

test('4 processes that ask at the same time are let through exactly as often as the limit says, 10 times', async () => {
  const dict = managers.dict<number>();
  const begin = managers.one.barrier('begin', 4);
  const workers = range(0, 4).map(() =>
    managers.one.fork<typeof import('./limited.js')>(new URL('./limited.js', import.meta.url), dict, begin, {
      rounds: ROUNDS,
      requests: 60,
      limit: LIMIT,
    }),
  );
  const accepted = await Promise.all(workers.map(({ result }) => result));
  for (const limiter of ['flexible', 'express'] as const) {
    const totals = range(0, ROUNDS).map((round) => accepted.reduce((sum, counts) => sum + counts[limiter][round]!, 0));
    expect(totals).toEqual(Array<number>(ROUNDS).fill(LIMIT));
  }
});
