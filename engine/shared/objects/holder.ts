import { isMainThread, threadId } from 'node:worker_threads';
import { DeadlockError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { S_THREAD } from '../kernel/layout.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** Describes a hold by its thread: other threads know nothing more of it. */
export function holderOf(thread: ArenaThread, owner: number, token: number): Holder {
  const id = thread.word(thread.threads.slotOf(owner) + S_THREAD);
  const label = id === 0 ? 'main' : `thread ${id}`;
  return { token, sessionId: label, host: '', pid: process.pid, label, heldMs: 0, owner: '', levels: 1 };
}

/** Creates the error of a thread that blocks for something that only this thread could give back. */
export function blockedBySelf(name: string): DeadlockError {
  const label = isMainThread ? 'main' : `thread ${threadId}`;
  return new DeadlockError(
    `"${name}" is held by this thread, which cannot give it back while it blocks for it: release it before, or await the promise form`,
    { object: name, cycle: [{ object: name, sessionId: label, label, pid: process.pid, owner: '' }] },
  );
}
