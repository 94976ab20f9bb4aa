import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import { unmarked } from '../../proto/marked.js';

/**
 * Calls the listener with each of our messages from a child process. Ignores `process.send` of users' code in the child, and forwards the
 * reports for `node --watch` to the watcher of this program.
 */
export function hear(child: ChildProcess, listener: (message: never) => void): void {
  child.on('message', (received: unknown) => {
    const message = unmarked(received);
    if (message !== undefined) listener(message as never);
    else if (isOfWatch(received)) process.send?.(received);
  });
}

/** Returns true for a report of the files that the child loaded, which make `node --watch` restart this program when they change. */
function isOfWatch(received: unknown): received is object {
  if (process.env['WATCH_REPORT_DEPENDENCIES'] === undefined || typeof received !== 'object' || received === null) return false;
  return 'watch:require' in received || 'watch:import' in received;
}

/**
 * Sends a signal to a child process, unless it never started or is known to have ended. A child that could not be started because no
 * descriptor was free has no process id: Node's own `kill` would signal this program's whole process group.
 */
export function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
}

/**
 * Returns an environment for a child process, without the inspector flags of NODE_OPTIONS: the child would wait for a debugger, or find the
 * port in use by this program.
 */
export function withoutInspector({ NODE_OPTIONS, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = NODE_OPTIONS?.replace(/(^|\s)--inspect(-brk|-wait|-port|-publish-uid)?(=\S*)?(?=\s|$)/g, '').trim();
  return options ? { ...env, NODE_OPTIONS: options } : env;
}
