import process from 'node:process';
import { passOn } from '../connect/options.js';
import { finishAt } from '../shared/share.js';
import type { WorkerChannel } from './channel.js';
import { becomeWorker, beginTask, type WorkerIdentity } from './current.js';
import type { TaskOutcome, Start } from './messages.js';
import { PoolServer } from './pool/server.js';
import { prepare } from './prepare.js';
import { call } from './run.js';
import { traced } from './task-tracer.js';
import { encodeThrown } from './thrown.js';

/**
 * Runs a worker, from its first message to its end.
 * @param guard prevents a process from outliving its parent
 */
export function serve(channel: WorkerChannel, guard: (identity: WorkerIdentity) => void = () => {}): void {
  channel.first((message) => {
    if (!('start' in message)) return;
    const { start } = message;
    passOn(start.address, start.credentials);
    const orphaned = become(start.identity, channel);
    guard(start.identity);
    if (start.kind === 'pool') void new PoolServer(channel, start).run();
    else void runOne(channel, start, orphaned);
  });
}

/** Registers this worker. Returns a signal that aborts when its parent has ended. */
function become(identity: WorkerIdentity, channel: WorkerChannel): AbortSignal {
  const orphan = new AbortController();
  becomeWorker({ ...identity, orphaned: orphan.signal });
  channel.onLost(() => {
    orphan.abort(new Error(`${identity.parent.name}, which started ${identity.name}, has ended`));
    // Faster than the guard, which polls.
    if (identity.daemonic) process.kill(process.pid, 'SIGTERM');
  });
  return orphan.signal;
}

/** Runs one call, sends its outcome, and lets the worker end once it has no other work. */
async function runOne(channel: WorkerChannel, start: Start, orphaned: AbortSignal): Promise<void> {
  const { identity, address, args, traceContext } = start;
  beginTask({ signal: orphaned });
  let outcome: TaskOutcome;
  try {
    const { run, host, tracer } = await prepare(start);
    outcome = await call(channel, host, traced(run, tracer, identity.module, traceContext), args!);
  } catch (error) {
    outcome = { error: encodeThrown(error) };
  }
  await channel.send({ outcome });
  // As for a program that throws, unless the function has set another exit code.
  if ('error' in outcome) process.exitCode ||= 1;
  await finishAt(address);
  channel.close();
}
