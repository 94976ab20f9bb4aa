import { writeSync } from 'node:fs';
import type { DeadlockStep } from '../../proto/errors.js';
import type { Warning } from '../../proto/gen/commonhold/v1/session_wire.js';

/** What a manager warns of: no call failed, but something is not as it should be. */
export interface ManagerWarning {
  /**
   * `suspected-deadlock`: this session and others have been waiting for each other in a cycle for a
   * second or more; or this session waits, without a timeout, for what it holds itself by an acquisition
   * that named no owner, which is a cycle of one step. No owners do, which would be a DeadlockError; but if
   * what a session holds and what it waits for belong to one task, that task never goes on. `run(...)`,
   * `{ owner }` and `owner: 'session'` say what belongs together.
   */
  readonly type: 'suspected-deadlock';
  /**
   * Who waits for what: each for an object that the session of the next one holds, the last one for an
   * object of the first. The owner is empty where the acquisition is an owner by itself.
   */
  readonly cycle: readonly DeadlockStep[];
}

/** @internal The warning as users see it; undefined for one of a kind that a newer manager knows. */
export function warningOf({ suspectedDeadlock }: Warning): ManagerWarning | undefined {
  return suspectedDeadlock && { type: 'suspected-deadlock', cycle: suspectedDeadlock.cycle };
}

/** @internal Says a cycle within one session on the standard error: a program that hangs rarely listens for warnings. */
export function reportSelfWait({ cycle }: ManagerWarning): void {
  const [{ object }] = cycle as [DeadlockStep];
  const text =
    `commonhold: this program has waited for "${object}" for a second, and holds it itself, by an acquisition without an owner. ` +
    'If one task does both, it waits for ever: release it first, use run() for both, or give { owner: held }.';
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // The standard error is closed. The program goes on, and has the event.
  }
}
