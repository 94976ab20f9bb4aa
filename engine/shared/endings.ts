import { isMainThread, type Worker } from 'node:worker_threads';
import type { Space } from './space.js';

/** The arenas that this thread is in. */
const spaces = new Set<Space>();
let watching = false;

/** Tells an arena of the ends of threads that this one starts, and of its own. */
export function watchEndings(space: Space): void {
  spaces.add(space);
  if (watching) return;
  watching = true;
  process.on('worker', started);
  // A thread that is terminated does not come here: those that wait for it, or its parent, find out.
  if (!isMainThread) process.on('exit', leaveAll);
}

export function unwatchEndings(space: Space): void {
  spaces.delete(space);
}

function started(worker: Worker): void {
  const { threadId } = worker;
  worker.once('exit', () => {
    for (const space of spaces) space.threads.ended(threadId);
  });
}

function leaveAll(): void {
  for (const space of [...spaces]) space.leave();
}
