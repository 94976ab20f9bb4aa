import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import { unmarked } from '../../proto/marked.js';

/**
 * Calls the listener with each message of ours that a child process sends. What code of users in it sends by
 * `process.send` is passed over; what Node there tells `node --watch` is passed on to the one who watches this program.
 */
export function hear(child: ChildProcess, listener: (message: never) => void): void {
  child.on('message', (received: unknown) => {
    const message = unmarked(received);
    if (message !== undefined) listener(message as never);
    else if (isOfWatch(received)) process.send?.(received);
  });
}

/** Whether Node says what files the child loaded, so that this program is started again when one of them changes. */
function isOfWatch(received: unknown): received is object {
  if (process.env['WATCH_REPORT_DEPENDENCIES'] === undefined || typeof received !== 'object' || received === null) return false;
  return 'watch:require' in received || 'watch:import' in received;
}

/**
 * Sends a signal to a child process, unless it never began or is known to have ended. A child that could not be started,
 * because no descriptor was free, has no process id: Node's own `kill` of it signals the whole process group of this program.
 */
export function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
}

/**
 * An environment for a child process, without what NODE_OPTIONS says of the inspector: the child would wait for a
 * debugger, or find the port taken by this program.
 */
export function withoutInspector({ NODE_OPTIONS, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = NODE_OPTIONS?.replace(/(^|\s)--inspect(-brk|-wait|-port|-publish-uid)?(=\S*)?(?=\s|$)/g, '').trim();
  return options ? { ...env, NODE_OPTIONS: options } : env;
}
