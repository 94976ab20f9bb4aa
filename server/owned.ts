import { rmSync } from 'node:fs';
import process from 'node:process';
import { InvalidArgumentError } from '../proto/errors.js';
import type { Report } from '../proto/report.js';
import type { ServerOptions } from './options.js';
import { startServer } from './server.js';
import { makeSocketDirectory, socketIn } from './socket-directory.js';
import { guardStandardOutput, reportStrayRejections } from './stray.js';

/** Options of a manager that belongs to a program. It listens on a socket of its own first. */
export interface OwnedOptions extends ServerOptions {
  listen: readonly string[];
}

/**
 * Starts the manager of a program, and reports to it. Gives how it ends, where it started.
 * @param early told how to clear away what is there while the manager starts
 */
export async function serveOwned(
  options: OwnedOptions,
  report: (report: Report, sent?: () => void) => void,
  early: (clear: () => void) => void = () => {},
): Promise<(() => Promise<void>) | undefined> {
  reportStrayRejections();
  guardStandardOutput();
  let clear = (): void => {};
  try {
    const directory = makeSocketDirectory();
    clear = () => rmSync(directory, { recursive: true, force: true });
    early(clear);
    const server = await startServer({ ...options, listen: [`unix:${socketIn(directory)}`, ...options.listen] });
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
