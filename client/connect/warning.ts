import { writeSync } from 'node:fs';
import type { DeadlockStep } from '../../proto/errors.js';
import type { Warning } from '../../proto/gen/commonhold/v1/session_wire.js';

/** A warning of the manager about a likely mistake that has made no call fail. */
export interface ManagerWarning {
  /**
   * `suspected-deadlock`: for at least a second, this session and others have waited for each other in a cycle; or this session has waited,
   * without a timeout, for an object that it holds itself by an acquisition without an owner, or for permits of which one hold of its own has
   * all that would come back, which is a cycle of one step. It is no
   * DeadlockError, because the cycle is between sessions, not owners; but if one task both holds and waits, it never continues. `run(...)`,
   * `{ owner }` and `owner: 'session'` declare which acquisitions belong together.
   */
  readonly type: 'suspected-deadlock';
  /**
   * The steps of the cycle: each waits for an object that the session of the next step holds, the last for an object of the first. `owner`
   * is empty if the acquisition is its own owner.
   */
  readonly cycle: readonly DeadlockStep[];
}

/** @internal Converts a warning for users; undefined for a type that this version does not know. */
export function warningOf({ suspectedDeadlock }: Warning): ManagerWarning | undefined {
  return suspectedDeadlock && { type: 'suspected-deadlock', cycle: suspectedDeadlock.cycle };
}

/**
 * @internal Reports cycles within one session on standard error, because a program that hangs rarely listens for warnings: outside of
 * production, and once for each object.
 */
export class SelfWaitReports {
  readonly #reported = new Set<string>();

  report({ cycle }: ManagerWarning): void {
    const [step] = cycle;
    if (step === undefined || cycle.length > 1 || process.env['NODE_ENV'] === 'production' || this.#reported.has(step.object)) return;
    this.#reported.add(step.object);
    reportSelfWait(step);
  }
}

function reportSelfWait({ object }: DeadlockStep): void {
  const text =
    `commonhold: this program has waited for "${object}" for a second, and holds it itself, by an acquisition without an owner. ` +
    'If one task does both, it never continues: release it first, use run() for both, or give { owner: held }.';
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Standard error is closed. The program still gets the event.
  }
}
