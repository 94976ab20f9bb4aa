import type { DeadlockStep } from '../proto/errors.js';
import type { Warning } from '../proto/gen/commonhold/v1/session_wire.js';

/** What a manager warns of: no call failed, but something is not as it should be. */
export interface ManagerWarning {
  /**
   * `suspected-deadlock`: this session and others have been waiting for each other in a circle for a
   * second or more. No owners do, which would be a DeadlockError; but if what each of them holds and
   * what it waits for belong to one task, nobody will ever go on. `run(...)`, `{ owner }` and
   * `owner: 'session'` say what belongs together.
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
