/** A producer thread and a consumer thread at a channel of the package `multithreading`, one item per call. */
import './node-22.js';
import { channel, initRuntime, move, spawn } from 'multithreading';
import { itemArguments, QUEUE_CAPACITY } from '../workers/pair.js';
import { itemsOf, serveRounds } from '../workers/serve.js';
import { resultOf } from './multithreading-result.js';

/** Size of the channel's memory; the default is too small for the items. */
const BYTES = 64 * 1024 * 1024;

const { length } = itemArguments();
const work = new URL('./multithreading-work.js', import.meta.url).href;

initRuntime({ maxWorkers: 2 });
const [sender, receiver] = channel<string>(QUEUE_CAPACITY, { size: BYTES });

await serveRounds(async (request) => {
  const times = itemsOf(request);
  // The functions travel as text, so everything they use is passed as arguments.
  const consumer = spawn(move(receiver.clone(), work, times, length), async (from, module, count, size) => {
    const { takeAll } = (await import(module)) as typeof import('./multithreading-work.js');
    return takeAll(from, count, size);
  });
  const producer = spawn(move(sender.clone(), work, times, length), async (to, module, count, size) => {
    const { sendAll } = (await import(module)) as typeof import('./multithreading-work.js');
    return sendAll(to, count, size);
  });
  const [counted] = await Promise.all([resultOf(consumer), resultOf(producer)]);
  return counted;
});
// The threads would keep the process alive.
process.exit();
