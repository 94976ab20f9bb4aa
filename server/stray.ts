import { inspect } from 'node:util';

/**
 * Says on the standard error what was rejected and nobody awaits, and goes on: that is a mistake in the
 * code of some registered type, and no reason to end the objects of everyone. An exception that nobody
 * catches still ends the process, with its stack.
 */
export function reportStrayRejections(): void {
  process.on('unhandledRejection', (reason) => {
    process.stderr.write(`commonhold: a promise was rejected that nobody awaits: ${inspect(reason)}\n`);
  });
}

/** Goes on where the standard output or error cannot be written any more, as when the terminal that read it is gone. */
export function guardStandardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
