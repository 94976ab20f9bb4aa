import { isMainThread, type Worker } from 'node:worker_threads';
import type { ArenaThread } from '../memory/arena-thread.js';

/** The arenas that this thread is in. */
const spaces = new Set<ArenaThread>();
let watching = false;

/** Tells an arena when a thread that this one started ends, and when this thread exits. */
export function watchEndings(thread: ArenaThread): void {
  spaces.add(thread);
  if (watching) return;
  watching = true;
  process.on('worker', started);
  // A terminated thread emits no exit event: its parent, or a thread that waits for it, finds out.
  if (isMainThread) return;
  process.on('exit', leaveAll);
  process.on('newListener', (event) => {
    if (event === 'exit') queueMicrotask(leaveLast);
  });
}

/** Moves `leaveAll` behind all other exit listeners, which may still use the arenas. */
function leaveLast(): void {
  if (isLast()) return;
  process.off('exit', leaveAll);
  // This emits newListener, whose handler then finds it the last.
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
  // A listener added in this very turn has yet to run: this thread's end is found like that of a terminated one.
  if (!isLast()) return;
  for (const thread of [...spaces]) thread.leave();
}
