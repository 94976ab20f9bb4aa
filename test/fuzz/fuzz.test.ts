import { describe, expect, test } from '@jest/globals';
import { stress } from '../support/stress.js';
import { fuzz, type FuzzFailure } from './fuzzer.js';
import { TARGETS } from './targets.js';

/** The first seed: the same inputs each time, so that the test never fails by chance. The long form looks for new ones. */
const SEED = stress(1, Date.now() % 1_000_000_000);
const INPUTS = stress(6_000, 500_000);
const HANG_MS = 60_000;

test.each(TARGETS)('$name takes any input', async ({ module, share }) => {
  const result = await fuzz({ module, seed: SEED, inputs: Math.ceil(INPUTS * share), hangMs: HANG_MS });
  expect(result).not.toHaveProperty('report');
});

describe('the fuzzer finds an input', () => {
  const planted = async (name: string, seed: number, hangMs = HANG_MS): Promise<FuzzFailure> => {
    const result = await fuzz({ module: new URL(`planted/${name}.js`, import.meta.url), seed, inputs: 100, hangMs, heapMebibytes: 64 });
    return result as FuzzFailure;
  };

  test('that is answered with a wrong error, with the seed that makes it again', async () => {
    const failure = await planted('throws', 1);
    expect(failure).toEqual({ seed: 3, report: expect.stringMatching(/^input 7 of seed 3: Error: a planted error\n[^]*\n07$/) });
    expect(await planted('throws', failure.seed)).toEqual(failure);
  });

  test('that takes for ever', async () => {
    expect(await planted('hangs', 1, 1_000)).toEqual({ seed: 1, report: 'input 1 of seed 1: took more than 1 s\n01' });
  });

  test('that takes all memory', async () => {
    const { report } = await planted('grows', 1);
    expect(report).toMatch(/^input 0 of seed 1: [^]*heap out of memory[^]*\nab$/);
  });
});
