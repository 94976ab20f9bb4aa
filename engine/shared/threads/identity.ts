import { readdirSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import { callingThread, threadLives, type SystemThread } from '../../../proto/system-thread.js';

/** A thread, as Node and the system know it. */
export interface ThreadIdentity extends SystemThread {
  readonly pid: number;
  /** Node's number of the thread: 0 for the main thread. */
  readonly threadId: number;
}

/** Returns the identity of the calling thread. */
export function identify(): ThreadIdentity {
  return { pid: process.pid, threadId: isMainThread ? 0 : threadId, ...callingThread() };
}

/** Returns true if a thread of this process lives. Asks the system, so that a blocked thread can call it. */
export function lives(thread: SystemThread): boolean {
  return threadLives('self', thread);
}

/**
 * Returns the numbers of all threads of this process; undefined if the system does not say. Much faster than asking for each thread, but a
 * number may be another thread's by now, and a list made while threads end may leave one out.
 */
export function listThreads(): ReadonlySet<number> | undefined {
  try {
    return new Set(readdirSync('/proc/self/task').map(Number));
  } catch {
    return undefined;
  }
}
