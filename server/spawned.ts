// The manager of Manager.start(): a child process of the program. It gets its options in the first message on its IPC channel, and ends
// with the channel, which the kernel closes however the program ends.
import process from 'node:process';
import { marked, unmarked } from '../proto/marked.js';
import { serveOwned, type OwnedOptions } from './owned.js';

process.once('message', (received) => void serve(unmarked(received) as OwnedOptions));

async function serve(options: OwnedOptions): Promise<void> {
  // In case the program ends while the manager starts.
  let clear = (): void => {};
  const early = (): void => {
    clear();
    process.exit(0);
  };
  process.once('disconnect', early);
  const stop = await serveOwned(
    options,
    (report, sent) => process.send!(marked(report), () => sent?.()),
    (made) => (clear = made),
  );
  if (!stop) return;
  process.off('disconnect', early);
  process.once('disconnect', () => void stop());
  process.once('SIGTERM', () => void stop());
  // Ctrl-C signals the whole process group, but the program decides when its manager ends.
  process.on('SIGINT', () => {});
  if (!process.connected) void stop();
}
