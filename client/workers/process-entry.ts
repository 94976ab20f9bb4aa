// Entry of a worker process.
import process from 'node:process';
import { encodePayload } from '../../proto/codec/payload.js';
import { marked, onMarked } from '../../proto/marked.js';
import { endWithParent } from './orphan.js';
import { serve } from './serve.js';

let lost = (): void => {};
/** Captured early, because users' code may replace `process.send`. */
const send = process.send!.bind(process);

process.once('disconnect', () => lost());
// A listener on the channel keeps the process alive; only first() and listen() should.
process.channel?.unref();

serve(
  {
    first: (listener) => {
      process.channel?.ref();
      process.once(
        'message',
        onMarked((message: Parameters<typeof listener>[0]) => {
          process.channel?.unref();
          listener(message);
        }),
      );
    },
    listen: (listener) => {
      process.channel?.ref();
      process.on('message', onMarked(listener));
    },
    encode: encodePayload,
    memory: () => process.memoryUsage.rss(),
    send: (message) => new Promise((resolve) => send(marked(message), () => resolve())),
    onLost: (listener) => (lost = listener),
    close: () => {
      lost = () => {};
      if (process.connected) process.disconnect();
    },
    end: () => void Promise.all([process.stdout, process.stderr].map(written)).then(() => process.exit()),
  },
  endWithParent,
);

/** Resolves once all buffered output is written: a full pipe accepts more only as its reader reads. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
