/** Threads of the package `multithreading` that add to a number under its Mutex. */
import './node-22.js';
import { initRuntime, move, Mutex, spawn } from 'multithreading';
import { addedUp } from '../workers/crew.js';
import { secondsOf, serveRounds } from '../workers/serve.js';
import { resultOf } from './multithreading-result.js';

const threads = Number(process.argv[2]);
const work = new URL('./multithreading-work.js', import.meta.url).href;

initRuntime({ maxWorkers: threads });
const counter = new Int32Array(new SharedArrayBuffer(4));
const mutex = new Mutex(counter);

await serveRounds(async (request) => {
  counter[0] = 0;
  const tasks = Array.from({ length: threads }, () =>
    // The function travels as text, so everything it uses is passed as arguments.
    spawn(move(mutex, work, secondsOf(request)), async (theMutex, module, seconds) => {
      const { increment } = (await import(module)) as typeof import('./multithreading-work.js');
      return increment(theMutex, seconds);
    }),
  );
  const answer = addedUp(await Promise.all(tasks.map(resultOf)));
  if (counter[0] !== answer.operations) throw new Error(`${answer.operations} additions made ${counter[0]}`);
  return answer;
});
// The threads would keep the process alive.
process.exit();
