import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { marked } from '../../proto/marked.js';
import { hear, signalChild } from '../connect/child.js';
import { processWorkerFile } from '../paths.js';
import type { FromWorker } from './messages.js';
import type { WorkerKind } from './backend.js';

const launch: WorkerKind['launch'] = ({ env, argv, execArgv, resourceLimits }, events) => {
  if (resourceLimits !== undefined) {
    throw new InvalidArgumentError("resourceLimits: these apply to threads; for a process, give execArgv: ['--max-old-space-size=200']");
  }
  const child = fork(fileURLToPath(processWorkerFile()), argv, {
    env,
    serialization: 'advanced',
    ...(execArgv && { execArgv: [...execArgv] }),
  });
  let over = false;
  const exited = (code?: number, signal?: NodeJS.Signals): void => {
    if (!over) events.exited(code, signal);
    over = true;
  };
  hear(child, (message: FromWorker) => events.message(message));
  child.on('error', (error) => {
    events.failed(error);
    // The process could not be started, and may emit no further event.
    if (child.pid === undefined) exited();
  });
  // 'close' follows the last message, which 'exit' may overtake.
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
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
    },
  };
};

export const PROCESSES: WorkerKind = { launch, encode: encodePayload };
