// The thread of a worker.
import { parentPort, workerData } from 'node:worker_threads';
import type { ArenaHandles } from '../arenas.js';
import { receiveArenas } from '../share.js';
import type { ToWorker } from './messages.js';
import { serve } from './serve.js';

const port = parentPort!;
receiveArenas(workerData as ArenaHandles);

serve({
  first: (listener) => port.once('message', (message: ToWorker) => listener(message)),
  listen: (listener) => port.on('message', (message: ToWorker) => listener(message)),
  send: (message) => {
    port.postMessage(message);
    return Promise.resolve();
  },
  // A thread ends with the one that started it.
  onLost: () => {},
  close: () => port.close(),
  end: () => port.close(),
});
