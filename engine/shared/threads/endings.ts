import { isMainThread, type Worker } from 'node:worker_threads';
import type { ArenaThread } from '../memory/arena-thread.js';

/** The arenas that this thread is in. */
const spaces = new Set<ArenaThread>();
let watching = false;

/** Tells an arena of the ends of threads that this one starts, and of its own. */
export function watchEndings(thread: ArenaThread): void {
  spaces.add(thread);
  if (watching) return;
  watching = true;
  process.on('worker', started);
  // A thread that is terminated does not come here: those that wait for it, or its parent, find out.
  if (isMainThread) return;
  process.on('exit', leaveAll);
  process.on('newListener', (event) => {
    if (event === 'exit') queueMicrotask(leaveLast);
  });
}

/** Has this thread leave behind all else that it does at its end, which may use the arenas. */
function leaveLast(): void {
  if (isLast()) return;
  process.off('exit', leaveAll);
  // Adding it tells of a new listener again, which finds it the last.
  process.on('exit', leaveAll);
}

function isLast(): boolean {
  return process.listeners('exit').at(-1) === leaveAll;
}

export function unwatchEndings(thread: ArenaThread): void {
  spaces.delete(thread);
}

function started(worker: Worker): void {
  const { threadId } = worker;
  worker.once('exit', () => {
    for (const thread of spaces) thread.threads.ended(threadId);
  });
}

function leaveAll(): void {
  // A listener that came in this very turn is still to run: the thread's end is found as that of a terminated one is.
  if (!isLast()) return;
  for (const thread of [...spaces]) thread.leave();
}
