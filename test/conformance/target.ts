import type { Manager } from '../../client/index.js';

/** One client of the manager under test, with a session of its own. */
export interface Session {
  readonly manager: Manager;
  /** Ends the session in order. */
  readonly close: () => Promise<void>;
}

/** A way to reach a manager: the engine in this process, a daemon over gRPC, … */
export interface Target {
  readonly name: string;
  /** What it does not offer: titles of suites ("dict: iteration"), or whole kinds ("dict"). */
  readonly lacks?: ReadonlySet<string>;
  /** One more client of the same manager. */
  open(): Promise<Session>;
}
