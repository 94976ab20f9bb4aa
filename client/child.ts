import type { ChildProcess } from 'node:child_process';

/**
 * Sends a signal to a child process, unless it never began or is known to have ended. A child that could not be started,
 * because no descriptor was free, has no process id: Node's own `kill` of it signals the whole process group of this program.
 */
export function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
}
