import { describe, expect, test } from '@jest/globals';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';

/** Ways in which V8 runs the code: frames have other sizes in the interpreter. */
const RUNS = [
  ['WebAssembly', []],
  ['WebAssembly', ['--no-opt']],
  ['WebAssembly', ['--stack-size=500']],
  ['JavaScript', []],
  ['JavaScript', ['--jitless']],
] as const;

describe('calls that find too little room on the stack', () => {
  test.each(RUNS)('leave no lock, no guard, no half change and no lost memory: %s %j', async (kernel, flags) => {
    const program = new URL('./programs/stack.js', import.meta.url).pathname;
    await using running = new Program(process.execPath, [...flags, program, kernel, String(stress(2, 20))]);
    // Node writes to stderr if it has no room itself to process a rejected promise.
    const { stdout } = await running.exited;
    expect(stdout).toBe('done\n');
  });

  test.each(['WebAssembly', 'JavaScript'])('lose no value that they took and could not decode, %s', async (kernel) => {
    const program = new URL('./programs/taking.js', import.meta.url).pathname;
    await using running = new Program(process.execPath, [program, kernel]);
    const { stdout } = await running.exited;
    expect(stdout).toBe('done\n');
  });
});
