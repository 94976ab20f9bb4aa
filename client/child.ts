import type { ChildProcess } from 'node:child_process';

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
