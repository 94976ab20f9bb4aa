// Entry of a worker thread.
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ArenaHandles } from '../shared/arenas.js';
import { receiveArenas } from '../shared/share.js';
import { takeMoving } from '../shared/moved.js';
import { encodeSharing } from '../shared/shared-memory.js';
import { marked, onMarked } from '../../proto/marked.js';
import { movedIn } from './messages.js';
import { serve } from './serve.js';

const port = parentPort!;
receiveArenas(workerData as ArenaHandles);

serve({
  first: (listener) => port.once('message', onMarked(listener)),
  listen: (listener) => port.on('message', onMarked(listener)),
  encode: (value) => encodeSharing(value, takeMoving([value])),
  memory: () => getHeapStatistics().used_heap_size,
  send: (message) => {
    port.postMessage(marked(message), movedIn(message));
    return Promise.resolve();
  },
  // A thread ends with its parent, so it never outlives the connection.
  onLost: () => {},
  close: () => port.close(),
  end: () => port.close(),
});
