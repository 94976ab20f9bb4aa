// The manager of Manager.start(): a child of the program, told what to do by the first message of
// its IPC channel, and ended by the end of that channel, which the kernel closes however the program
// ends.
import type { ServerOptions } from './options.js';
import { startServer } from './server.js';

process.once('message', (options: ServerOptions) => void serve(options));

async function serve(options: ServerOptions): Promise<void> {
  try {
    const server = await startServer(options);
    const stop = async (): Promise<void> => {
      await server.close();
      process.exit(0);
    };
    process.once('disconnect', () => void stop());
    process.once('SIGTERM', () => void stop());
    // Ctrl-C goes to the whole group: the program decides when its manager ends.
    process.on('SIGINT', () => {});
    process.send!({ addresses: server.addresses });
  } catch (error) {
    process.send!({ error: (error as Error).message }, () => process.exit(1));
  }
}
