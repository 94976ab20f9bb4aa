import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environment } from '../support/program.js';

const PROGRAM = fileURLToPath(new URL('./programs/no-descriptors.js', import.meta.url));

/** Runs the program with 60 descriptors, under a shell in a process group of its own, which a stray signal would end. */
async function runWithFewDescriptors(attempt: string): Promise<string> {
  const line = 'ulimit -n 60; "$0" "$1" "$2"; echo "the shell lives"';
  const shell = spawn('/bin/sh', ['-c', line, process.execPath, PROGRAM, attempt], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(),
  });
  const [output] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
  return output;
}

const onUnix = process.platform === 'win32' ? describe.skip : describe;

onUnix('a program without a free descriptor', () => {
  test.each([
    ['starts no manager', 'start', 'MANAGER_UNAVAILABLE'],
    ['embeds no manager', 'embed', 'MANAGER_UNAVAILABLE'],
    ['forks no worker, and can terminate and kill it all the same', 'fork', 'WORKER_DIED'],
    ['has no workers in its pool, and can terminate that', 'pool', 'WORKER_DIED'],
  ])('%s, and continues with a typed error, and so does the shell that called it', async (_, attempt, code) => {
    expect(await runWithFewDescriptors(attempt)).toBe(`failed with ${code}\nthe shell lives\n`);
  });
});
