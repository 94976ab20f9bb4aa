import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { marked } from '../../proto/marked.js';
import { hear, signalChild } from '../connect/child.js';
import { processWorkerFile } from '../paths.js';
import { takeMoving } from '../shared/moved.js';
import { isFromWorker } from './messages.js';
import { type WorkerBackendEvents, type WorkerKind } from './backend.js';
import { onLines } from './lines.js';

/** Milliseconds for which the output of a process that has ended stays open. */
const LEFT_OPEN_MS = 500;

const launch: WorkerKind['launch'] = ({ env, argv, execArgv, resourceLimits, output }, events) => {
  if (resourceLimits !== undefined) {
    throw new InvalidArgumentError("resourceLimits: these apply to threads; for a process, give execArgv: ['--max-old-space-size=200']");
  }
  const child = fork(fileURLToPath(processWorkerFile()), argv, {
    env,
    serialization: 'advanced',
    ...(output === 'lines' && { stdio: ['inherit', 'pipe', 'pipe', 'ipc'] }),
    ...(execArgv && { execArgv: [...execArgv] }),
  });
  let over = false;
  const exited = (code?: number, signal?: NodeJS.Signals): void => {
    if (!over) events.exited(code, signal);
    over = true;
  };
  hear(child, (message: unknown) => {
    if (isFromWorker(message)) events.message(message);
  });
  child.on('error', (error) => {
    events.failed(error);
    // The process could not be started, and may emit no further event.
    if (child.pid === undefined) exited();
  });
  const pipes = output === 'lines' ? captured(child, events) : [];
  // 'close' follows the last message and the last output, which 'exit' may overtake.
  child.on('close', (code, signal) => exited(code ?? undefined, signal ?? undefined));
  return {
    pid: child.pid,
    threadId: undefined,
    send: (message, undelivered) => {
      if (!child.connected) undelivered?.();
      else child.send(marked(message), (error) => error && undelivered?.());
    },
    terminate: () => signalChild(child, 'SIGTERM'),
    kill: () => signalChild(child, 'SIGKILL'),
    ref: () => {
      child.ref();
      child.channel?.ref();
      for (const pipe of pipes) pipe.ref();
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
      for (const pipe of pipes) pipe.unref();
    },
  };
};

/** Tells of each line that a process writes. Returns the pipes, which keep this program alive as the process does. */
function captured(child: ChildProcess, events: WorkerBackendEvents): Socket[] {
  const pipes = (['stdout', 'stderr'] as const).map((name) => {
    const pipe = child[name] as Socket;
    void onLines(pipe, (line) => events.output(name, line));
    return pipe;
  });
  // A child of the worker may have inherited its output, and hold it open. All that the worker wrote is read by then: a pipe holds 64 KiB.
  const close = (): void => pipes.forEach((pipe) => pipe.destroy());
  child.on('exit', () => setTimeout(() => setImmediate(close), LEFT_OPEN_MS).unref());
  return pipes;
}

/** Processes share no memory, so that nothing moves. */
const encode: WorkerKind['encode'] = (args) => {
  takeMoving(args);
  return encodePayload(args);
};

export const PROCESSES: WorkerKind = { launch, encode };
