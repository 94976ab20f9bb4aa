// The manager of Manager.start(): a child of the program, told what to do by the first message of
// its IPC channel, and ended by the end of that channel, which the kernel closes however the program
// ends.
import process from 'node:process';
import { marked, unmarked } from '../proto/marked.js';
import { serveOwned, type OwnedOptions } from './owned.js';

process.once('message', (received) => void serve(unmarked(received) as OwnedOptions));

async function serve(options: OwnedOptions): Promise<void> {
  // Before there is anything to stop: the program may end meanwhile.
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
  // Ctrl-C goes to the whole group: the program decides when its manager ends.
  process.on('SIGINT', () => {});
  if (!process.connected) void stop();
}
