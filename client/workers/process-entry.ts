// The child process of a worker.
import { endWithParent } from './orphan.js';
import { serve } from './serve.js';

let lost = (): void => {};

process.once('disconnect', () => lost());
// What listens to the channel keeps the process alive: only first() and listen() are to do so.
process.channel!.unref();

serve(
  {
    first: (listener) => {
      process.channel!.ref();
      process.once('message', (message) => {
        process.channel?.unref();
        listener(message as Parameters<typeof listener>[0]);
      });
    },
    listen: (listener) => {
      process.channel?.ref();
      process.on('message', (message) => listener(message as Parameters<typeof listener>[0]));
    },
    send: (message) => new Promise((resolve) => process.send!(message, () => resolve())),
    onLost: (listener) => (lost = listener),
    close: () => {
      lost = () => {};
      if (process.connected) process.disconnect();
    },
    end: () => process.exit(),
  },
  endWithParent,
);
