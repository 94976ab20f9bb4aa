import type { Clock } from './clock.js';

/** The process around an engine, as the engine sees it. */
export interface System {
  readonly clock: Clock;
  readonly userCode: UserCode;
  /** Process id. */
  readonly pid: number;
  /** Milliseconds since the process started. */
  uptimeMs(): number;
  /** Memory of the process, in bytes. */
  memory(): { residentBytes: number; heapBytes: number };
}

/** The end of users' code: its result, or the error that it threw. */
export type CodeOutcome = { readonly value: unknown } | { readonly error: unknown };

/** Runs the code of registered types for an engine, which knows neither promises nor when they settle. */
export interface UserCode {
  /** Runs a function of a user. Returns its outcome; undefined if it is not there yet, then `completed` gets it in a turn of its own. */
  run(code: () => unknown, completed: (outcome: CodeOutcome) => void): CodeOutcome | undefined;
  /** Runs a function whose outcome no call waits for. An error becomes an unhandled rejection. */
  runDetached(code: () => unknown): void;
}
