// The manager of Manager.embed(): a thread of the program. It gets its options when it is made, and ends with a message or with its
// program.
import process from 'node:process';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { marked, onMarked } from '../proto/marked.js';
import { serveOwned, type OwnedOptions } from './owned.js';

const port = parentPort!;

// An uncaught exception ends this thread, and not the program around it.
process.once('uncaughtException', (error) => {
  process.stderr.write(`commonhold: the embedded manager ends: ${inspect(error)}\n`, () => process.exit(1));
});

const stop = await serveOwned(workerData as OwnedOptions, (report, sent) => {
  port.postMessage(marked(report));
  sent?.();
});
if (stop)
  port.on(
    'message',
    onMarked(() => void stop()),
  );
