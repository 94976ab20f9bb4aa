import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Owner } from './owner.js';
import { PROCESS_WORKER } from '../paths.js';
import type { WorkerHandle } from './handle.js';
import type { Outcome } from './messages.js';
import { RunningWorker } from './worker.js';

/** Runs a module's default export in a child process. */
export function forkWorker<R>(owner: Owner, module: URL | string, args: readonly unknown[]): WorkerHandle<R> {
  return new RunningWorker<R>(owner, module, args, (events) => {
    const env: NodeJS.ProcessEnv = { ...process.env, COMMONHOLD_ADDRESS: owner.address };
    if (owner.token !== undefined) env['COMMONHOLD_TOKEN'] = owner.token;
    const child = fork(fileURLToPath(PROCESS_WORKER), { env, serialization: 'advanced' });
    child.on('message', (outcome: Outcome) => events.outcome(outcome));
    child.on('error', (error) => events.failed(error));
    // Behind the last message, which 'exit' may overtake.
    child.on('close', (code, signal) => events.exited(code ?? undefined, signal ?? undefined));
    return {
      pid: child.pid,
      threadId: undefined,
      // A child that is gone already reports its end by itself.
      start: (task) => {
        if (child.connected) child.send(task, () => {});
      },
      terminate: () => void child.kill('SIGTERM'),
      kill: () => void child.kill('SIGKILL'),
    };
  });
}
