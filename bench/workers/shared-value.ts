/** Threads that add to one value in shared memory, each time under its lock or by `add`. */
import { isMainThread, workerData } from 'node:worker_threads';
import { Arena, receive, share, type SharedValue, type Transportable } from 'commonhold';
import { Crew, serveThread } from './crew.js';
import { repeatFor } from './repeat.js';
import { secondsOf, serveRounds } from './serve.js';

interface Work {
  readonly value: SharedValue<number>;
  readonly operation: 'lock' | 'add';
}

if (isMainThread) await lead(process.argv[2] as Work['operation'], Number(process.argv[3]));
else follow(receive(workerData as Transportable<Work>));

async function lead(operation: Work['operation'], threads: number): Promise<void> {
  await using arena = Arena.create();
  const value = arena.value('bench', 0, { type: 'i32' });
  const crew = await Crew.start(new URL(import.meta.url), threads, share<Work>({ value, operation }));
  await serveRounds(async (request) => {
    value.sync.set(0);
    const answer = await crew.round(request);
    const sum = value.sync.get();
    if (sum !== answer.operations) throw new Error(`${answer.operations} additions made ${sum}`);
    return answer;
  });
}

function follow({ value: { sync }, operation }: Work): void {
  const call = operation === 'add' ? () => sync.add(1) : increment;
  serveThread((request) => repeatFor(secondsOf(request), call));

  function increment(): void {
    const held = sync.lock();
    held.value += 1;
    held.release();
  }
}
