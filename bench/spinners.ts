import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { compiledFile } from './machine.js';

/** Time for the scheduler to spread the spinners over the cores, in milliseconds. */
const SETTLING_MS = 300;

/**
 * Starts one spinner per core at the lowest priority: it gives way to all other processes, but keeps the cores from sleeping, so that a
 * wake-up costs the minimum.
 */
export async function startSpinners(): Promise<AsyncDisposable> {
  const spinners = Array.from({ length: availableParallelism() }, () =>
    spawn('nice', ['-n', '19', process.execPath, compiledFile('workers/spinner.js')], {
      stdio: 'ignore',
    }),
  );
  await Promise.all(spinners.map((spinner) => once(spinner, 'spawn')));
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(
        spinners.map(async (spinner) => {
          const ended = once(spinner, 'exit');
          spinner.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}
