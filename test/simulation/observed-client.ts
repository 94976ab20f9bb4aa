import type { Manager } from '../../client/connect/manager.js';

/** A client whose users are observed: of a simulated world, or of a real manager (`test/crash`). */
export interface ObservedClient {
  /** Place among the clients of its world. */
  readonly index: number;
  readonly plan: { readonly leaseMs: number; readonly callTimeout: number };
  /** Its process. `stoppedUntil`: the time at which it goes on, if it stands still. */
  readonly loop: { readonly name: string; readonly alive: boolean; readonly stoppedUntil: number };
  readonly manager: Manager;
  /** Number of times that its session went on over another connection. */
  readonly resumptions: number;
  /** Number of sessions that it has lost. */
  readonly expiries: number;
  /** True once its program has called `close`. */
  closed: boolean;
}
