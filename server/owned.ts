import { rmSync } from 'node:fs';
import process from 'node:process';
import { InvalidArgumentError } from '../proto/errors.js';
import type { Report } from '../proto/report.js';
import { openLogger } from './observation/open-logger.js';
import { assertLogOptions, type ServerOptions } from './options.js';
import { startServer } from './server.js';
import { makeSocketDirectory, socketIn } from './socket-directory.js';
import { guardStandardOutput, reportStrayRejections } from './stray.js';

/** Options of a manager that belongs to a program. It listens on its own socket, and on the addresses in `listen`. */
export interface OwnedOptions extends ServerOptions {
  listen: readonly string[];
}

/**
 * Starts the manager of a program, and reports the result. Returns the function that stops it, or undefined if it did not start.
 * @param early called with the function that removes what exists already, in case the program ends while the manager starts
 */
export async function serveOwned(
  options: OwnedOptions,
  report: (report: Report, sent?: () => void) => void,
  early: (clear: () => void) => void = () => {},
): Promise<(() => Promise<void>) | undefined> {
  guardStandardOutput();
  let clear = (): void => {};
  try {
    assertLogOptions(options);
    const logger = await openLogger(options.logLevel, options.logFormat);
    reportStrayRejections(logger);
    const directory = makeSocketDirectory();
    clear = () => rmSync(directory, { recursive: true, force: true });
    early(clear);
    const server = await startServer({ ...options, logger, owned: true, listen: [`unix:${socketIn(directory)}`, ...options.listen] });
    report({ addresses: server.addresses, directory });
    return async () => {
      await server.close();
      clear();
      process.exit(0);
    };
  } catch (error) {
    clear();
    report({ error: (error as Error).message, invalid: error instanceof InvalidArgumentError }, () => process.exit(1));
    return undefined;
  }
}
