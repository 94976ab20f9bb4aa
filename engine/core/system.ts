import type { State } from '../../proto/state.js';
import type { Clock } from './clock.js';
import type { Steps } from './steps.js';

/** The process around an engine, as the engine sees it. */
export interface System {
  readonly clock: Clock;
  readonly userCode: UserCode;
  /**
   * Does work in steps, between which others are served, and then calls back, in a turn of its own. When turns are applied again, nothing is done:
   * work may only save time to the turn that follows it. Undefined if work is to be done at once, in the turn that needs it.
   */
  readonly divide?: ((steps: Steps, completed: () => void) => void) | undefined;
  /** Milliseconds since the process started. */
  uptimeMs(): number;
  /** Memory of the process, in bytes. */
  memory(): { residentBytes: number; heapBytes: number };
}

/** The end of users' code: its result, or the error that it threw. */
export type CodeOutcome = { readonly value: unknown } | { readonly error: unknown };

/** An outcome as plain data. */
export type WrittenOutcome = Readonly<Record<string, State>>;

/**
 * Runs the code of registered types for an engine, which knows neither promises nor when they settle. All that the engine sees of an outcome is
 * its written form, which is an input of the engine: when its turns are applied again, no code runs, and nothing is written.
 */
export interface UserCode {
  /**
   * Runs a function of a user. Returns its written outcome; undefined if there is none yet, then `completed` is called in a turn of its own with
   * a function that writes it.
   * @param write writes the outcome, in the turn that uses it
   */
  run<W extends WrittenOutcome>(
    code: () => unknown,
    write: (outcome: CodeOutcome) => W,
    completed: (written: () => W) => void,
  ): W | undefined;
  /** Runs a function whose outcome no call waits for. An error becomes an unhandled rejection. */
  runDetached(code: () => unknown): void;
}
