import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

/** A thread, as the system knows it. */
export interface ThreadIdentity {
  readonly pid: number;
  /** Node's number of the thread: 0 for the main thread. */
  readonly threadId: number;
  /** The system's number of the thread; 0 if unknown. */
  readonly tid: number;
  /** Start time in ticks of the system, which differs for a later thread with the same number; 0 if unknown. */
  readonly start: number;
}

/** Returns the identity of the calling thread. */
export function identify(): ThreadIdentity {
  const tid = systemThread();
  return { pid: process.pid, threadId: isMainThread ? 0 : threadId, tid, start: tid === 0 ? 0 : (lookAt(tid).start ?? 0) };
}

/**
 * Returns true if a thread of this process lives. Asks the system, so that a blocked thread can call it. Only a certain end counts: if the
 * system says nothing of a thread, or cannot answer now, the thread is alive until its end is reported.
 */
export function lives({ tid, start }: Pick<ThreadIdentity, 'tid' | 'start'>): boolean {
  if (tid === 0) return true;
  const found = lookAt(tid);
  return !found.ended && (start === 0 || found.start === undefined || found.start === start);
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

function systemThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/** Answer of the system about a thread of this process. */
interface Look {
  /** True if there is no such thread, or it has ended. */
  readonly ended: boolean;
  /** Start time; undefined if unknown. */
  readonly start?: number;
}

function lookAt(tid: number): Look {
  let stat: string;
  try {
    stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Other errors, such as EMFILE, say nothing about the thread.
    return { ended: code === 'ENOENT' || code === 'ESRCH' };
  }
  // After the name, which stands in parentheses and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', start: Number(fields[19]) };
}
