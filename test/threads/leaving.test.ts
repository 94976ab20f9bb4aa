import { afterEach, describe, expect, it } from '@jest/globals';
import { Arena, Manager, type SharedDict } from 'commonhold';
import type { Ending } from './programs/exiting.js';

type Program = typeof import('./programs/exiting.js');

const PROGRAM = new URL('./programs/exiting.js', import.meta.url);
const ROUNDS = 500;
const THREADS = [1, 2, 3];

let host: Arena | Manager | undefined;
afterEach(() => host?.close());

/** Expects that the handlers of several threads count in a dict. */
async function expectCounted(host: Arena | Manager, dict: SharedDict<string, number>, ending: Ending): Promise<void> {
  const workers = THREADS.map(() => host.thread<Program>(PROGRAM, dict, ROUNDS, ending));
  await Promise.allSettled(workers.map((worker) => worker.result));
  await Promise.allSettled(workers.map((worker) => worker.join()));
  expect([...dict.sync.entries()]).toEqual([
    ['started', THREADS.length],
    ['count', THREADS.length * ROUNDS],
  ]);
  expect(workers.map(({ exitCode }) => exitCode)).toEqual(THREADS.map(() => 0));
}

describe.each<Ending>(['exits at once', 'exits later', 'returns'])('the exit handlers of a thread that %s', (ending) => {
  it('still work on an arena', async () => {
    const arena = (host = Arena.create());
    await expectCounted(arena, arena.dict('dict'), ending);
    expect(arena.stats().threads).toBe(1);
  });
});

describe('the exit handlers of a thread of a manager', () => {
  it('still work on objects at home in the process, also in a pool', async () => {
    const manager = (host = await Manager.start());
    await expectCounted(manager, manager.dict('single', { home: 'process' }), 'returns');
    const dict = manager.dict<string, number>('dict', { home: 'process' });
    const pool = manager.pool<Program>(PROGRAM, { threads: 2 });
    await Promise.all(THREADS.map(() => pool.apply(dict, ROUNDS, 'returns')));
    await pool.close();
    await pool.join();
    expect(dict.sync.get('count')).toBe(THREADS.length * ROUNDS);
  });
});
