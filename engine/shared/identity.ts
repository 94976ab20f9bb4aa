import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

/** A thread, as the system knows it. */
export interface Identity {
  readonly pid: number;
  /** As Node numbers it: 0 for the main thread. */
  readonly threadId: number;
  /** As the system numbers it; 0 where the system does not say. */
  readonly tid: number;
  /** When it began, in ticks of the system: another thread of this number began at another time. */
  readonly start: number;
}

/** The calling thread. */
export function identify(): Identity {
  const tid = systemThread();
  return { pid: process.pid, threadId: isMainThread ? 0 : threadId, tid, start: tid === 0 ? 0 : (started(tid) ?? 0) };
}

/**
 * Whether a thread of this process lives, asked of the system, so that one who blocks can ask too. Where the
 * system does not say, it counts as alive until its end is told.
 */
export function lives({ tid, start }: Pick<Identity, 'tid' | 'start'>): boolean {
  return tid === 0 || (existsSync(`/proc/self/task/${tid}`) && started(tid) === start);
}

function systemThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/** When a thread of this process began; undefined where there is none of that number, or where it is over. */
function started(tid: number): number | undefined {
  try {
    // Behind the name, which may contain anything, in parentheses.
    const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}
