import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/** A thread, as the system knows it. */
export interface SystemThread {
  /** The system's number of the thread; 0 if unknown. */
  readonly tid: number;
  /** Start time in ticks of the system, which differs for a later thread with the same number; 0 if unknown. */
  readonly start: number;
}

/** Returns the calling thread. */
export function callingThread(): SystemThread {
  const tid = ownNumber();
  return { tid, start: tid === 0 ? 0 : (lookAt('self', tid).start ?? 0) };
}

/**
 * Returns true if a thread lives. Only a certain end counts: if the system says nothing of a thread, or cannot answer now, the thread lives
 * until its end is reported. Blocks for the time of reading a small file.
 */
export function threadLives(pid: number | 'self', { tid, start }: SystemThread): boolean {
  if (tid === 0) return true;
  const found = lookAt(pid, tid);
  return !found.ended && (start === 0 || found.start === undefined || found.start === start);
}

function ownNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/** Answer of the system about a thread. */
interface Look {
  /** True if there is no such thread, or it has ended. */
  readonly ended: boolean;
  /** Start time; undefined if unknown. */
  readonly start?: number;
}

function lookAt(pid: number | 'self', tid: number): Look {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Other errors, such as EMFILE, say nothing about the thread. Nor does a process that is missing as a whole: it may be hidden (hidepid).
    return { ended: (code === 'ENOENT' || code === 'ESRCH') && existsSync(`/proc/${pid}`) };
  }
  // After the name, which stands in parentheses and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', start: Number(fields[19]) };
}
