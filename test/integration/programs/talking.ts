import { spawn } from 'node:child_process';

/** Writes texts to its outputs, as they are. */
export default function (stdout: string, stderr = ''): void {
  process.stdout.write(stdout);
  if (stderr !== '') process.stderr.write(stderr);
}

/** Runs last, so that what it writes is the last output of the worker. */
export function teardown(): void {
  process.stdout.write('the end');
}

/** Arguments of `initialize` say what else happens in the worker. */
export function initialize(how: 'nothing' | 'throws later' | 'leaves a child'): void {
  if (how === 'leaves a child') spawn('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true }).unref();
  if (how === 'throws later') setTimeout(() => void Promise.reject(new Error('between tasks')), 0);
}
