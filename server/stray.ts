import { inspect } from 'node:util';
import type { Logger } from './observation/logger.js';

/**
 * Logs unhandled rejections on standard error, and goes on: they come from the code of a registered type, and must not end the objects of
 * all clients. An uncaught exception still ends the process, with its stack.
 */
export function reportStrayRejections(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    logger.error(`unhandled rejection: ${inspect(reason)}`);
  });
}

/** Ignores errors of standard output and error, for example once the terminal that read them is gone. */
export function guardStandardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
