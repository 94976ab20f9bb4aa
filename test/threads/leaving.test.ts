import { afterEach, describe, expect, it } from '@jest/globals';
import { Arena } from 'commonhold';

const program = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);

let arena: Arena | undefined;
afterEach(() => arena?.close());

describe('a thread that leaves an arena', () => {
  it.each([true, false])('still works on it in its exit handlers, added before: %s', async (early) => {
    arena = Arena.create();
    const dict = arena.dict<string, number>('dict');
    const rounds = 2_000;
    const workers = [1, 2, 3].map(() => arena!.thread<typeof import('./programs/exiting.js')>(program('exiting'), dict, rounds, early));
    await Promise.allSettled(workers.map((worker) => worker.result));
    await Promise.allSettled(workers.map((worker) => worker.join()));
    expect([...dict.sync.entries()]).toEqual([
      ['started', workers.length],
      ['count', workers.length * rounds],
    ]);
    expect(arena.stats().threads).toBe(1);
  });
});
