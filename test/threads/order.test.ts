import { describe, expect, it } from '@jest/globals';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';

/** Time after which a program counts as deadlocked, in milliseconds. */
const STANDS_STILL = 500_000;

describe('threads that store anonymous objects in containers that another one destroys', () => {
  it.each(['WebAssembly', 'JavaScript'])('never wait for each other without end, %s', async (kernel) => {
    await using program = Program.node(new URL('./programs/containers.js', import.meta.url), [kernel, String(stress(400, 20_000))]);
    const stop = setTimeout(() => void program.kill(), STANDS_STILL);
    const { stdout, stderr } = await program.exited;
    clearTimeout(stop);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(Array(4).fill('done'));
  });
});
