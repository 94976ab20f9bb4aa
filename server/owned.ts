import { rmSync } from 'node:fs';
import { InvalidArgumentError } from '../proto/errors.js';
import type { Report } from '../proto/report.js';
import type { ServerOptions } from './options.js';
import { startServer } from './server.js';
import { reportStrayRejections } from './stray.js';

/** Options of a manager that belongs to a program, and the directory of its socket, which goes with it. */
export interface OwnedOptions extends ServerOptions {
  directory: string;
}

/** Starts the manager of a program, and reports to it. Gives how it ends, where it started. */
export async function serveOwned(
  { directory, ...options }: OwnedOptions,
  report: (report: Report, sent?: () => void) => void,
): Promise<(() => Promise<void>) | undefined> {
  reportStrayRejections();
  try {
    const server = await startServer(options);
    report({ addresses: server.addresses });
    return async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
      process.exit(0);
    };
  } catch (error) {
    report({ error: (error as Error).message, invalid: error instanceof InvalidArgumentError }, () => process.exit(1));
    return undefined;
  }
}
