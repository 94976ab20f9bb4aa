import type { Manager } from '../../client/index.js';

/** One client of the manager under test, with a session of its own. */
export interface Session {
  readonly manager: Manager;
  /** Closes the session gracefully. */
  readonly close: () => Promise<void>;
}

/** A way to reach a manager: the engine in this process, a daemon over gRPC, … */
export interface Target {
  readonly name: string;
  /** Titles of suites ("dict: iteration"), and kinds ("dict"), that it does not offer. */
  readonly lacks?: ReadonlySet<string>;
  /** Expects that all is well with the manager itself, at the end of a suite. */
  check?(): Promise<void>;
  /** Opens one more client of the same manager. */
  open(): Promise<Session>;
}
