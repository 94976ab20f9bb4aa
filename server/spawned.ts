// The manager of Manager.start(): a child of the program, told what to do by the first message of
// its IPC channel, and ended by the end of that channel, which the kernel closes however the program
// ends.
import { rmSync } from 'node:fs';
import { InvalidArgumentError } from '../proto/errors.js';
import type { ServerOptions } from './options.js';
import { startServer } from './server.js';

/** Options, and the directory of the manager's socket, which goes with it. */
interface SpawnOptions extends ServerOptions {
  directory: string;
}

process.once('message', (options: SpawnOptions) => void serve(options));

async function serve({ directory, ...options }: SpawnOptions): Promise<void> {
  try {
    const server = await startServer(options);
    const stop = async (): Promise<void> => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
      process.exit(0);
    };
    process.once('disconnect', () => void stop());
    process.once('SIGTERM', () => void stop());
    // Ctrl-C goes to the whole group: the program decides when its manager ends.
    process.on('SIGINT', () => {});
    process.send!({ addresses: server.addresses });
  } catch (error) {
    process.send!({ error: (error as Error).message, invalid: error instanceof InvalidArgumentError }, () => process.exit(1));
  }
}
