import { describe, expect, test } from '@jest/globals';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';

/** How V8 runs the code: frames are of other sizes in the interpreter. */
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
    // Node writes to stderr where it has no room itself for its work on a promise that is rejected.
    const { stdout } = await running.exited;
    expect(stdout).toBe('done\n');
  });
});
