// A thread in each child process, which ends the process after its parent has ended. A busy process cannot notice that on its main thread.
import { workerData } from 'node:worker_threads';
import type { WatchdogData } from './orphan.js';
import { GRACE_MS } from './backend.js';

const LOOK_MS = 500;

const { parent, daemonic } = workerData as WatchdogData;

const looking = setInterval(() => {
  if (process.ppid === parent && exists(parent)) return;
  clearInterval(looking);
  if (daemonic) process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS);
}, LOOK_MS);

/** Needed where the parent's id does not change with its death, as on Windows. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
