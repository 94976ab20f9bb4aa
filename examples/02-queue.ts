// A queue brings results back from workers.
import { Manager, type Frozen } from 'commonhold';
import type { Answer } from './02-queue.worker.js';

await using manager = await Manager.start();

const answers = manager.queue<Answer>();

const workers = [10, 20, 30].map((limit) =>
  manager.fork<typeof import('./02-queue.worker.js')>(new URL('./02-queue.worker.js', import.meta.url), limit, answers),
);

await Promise.all(workers.map((worker) => worker.result));
await answers.shutdown(); // no more answers follow, so the iteration ends when the queue is empty

const received: Frozen<Answer>[] = [];
for await (const answer of answers) received.push(answer);

// They arrived in any order.
received.sort((a, b) => a.limit - b.limit);
for (const { limit, primes } of received) console.log(`primes below ${limit}: ${primes.join(' ')}`);
