import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

/** A thread, as the system knows it. */
export interface ThreadIdentity {
  readonly pid: number;
  /** As Node numbers it: 0 for the main thread. */
  readonly threadId: number;
  /** As the system numbers it; 0 where the system does not say. */
  readonly tid: number;
  /** When it began, in ticks of the system: another thread of this number began at another time. 0 where the system did not say. */
  readonly start: number;
}

/** The calling thread. */
export function identify(): ThreadIdentity {
  const tid = systemThread();
  return { pid: process.pid, threadId: isMainThread ? 0 : threadId, tid, start: tid === 0 ? 0 : (lookAt(tid).start ?? 0) };
}

/**
 * Whether a thread of this process lives, asked of the system, so that one who blocks can ask too. Only a certain end
 * counts: a thread of which the system says nothing, or cannot say anything now, is alive until its end is told.
 */
export function lives({ tid, start }: Pick<ThreadIdentity, 'tid' | 'start'>): boolean {
  if (tid === 0) return true;
  const found = lookAt(tid);
  return !found.ended && (start === 0 || found.start === undefined || found.start === start);
}

/**
 * The numbers of the threads of this process, as one list: much faster than to ask for each, but a number may be another
 * thread's by now, and a list that is made while threads end may leave one out. Undefined where the system does not say.
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

/** What the system says of a thread of this process. */
interface Look {
  /** There is none of that number, or it is over. */
  readonly ended: boolean;
  /** When it began; undefined where that cannot be told. */
  readonly start?: number;
}

function lookAt(tid: number): Look {
  let stat: string;
  try {
    stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Others, as EMFILE, say nothing of the thread.
    return { ended: code === 'ENOENT' || code === 'ESRCH' };
  }
  // Behind the name, which may contain anything, in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', start: Number(fields[19]) };
}
