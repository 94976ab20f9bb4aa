import type { History } from './history.js';
import type { SeenHolds } from './holds.js';
import type { ObservedClient } from './observed-client.js';

/** A watch of a dict, with what it has seen. */
export interface SeenWatch {
  readonly client: ObservedClient;
  /** Place of a moment at which it had certainly begun. */
  began: number;
  readonly changes: {
    readonly type: string;
    readonly key?: string | undefined;
    readonly value?: unknown;
    readonly revision: number;
  }[];
  /** Set if it failed. */
  error: unknown;
}

/** A world of users, as its checks see it. */
export interface ObservedWorld {
  /** Clock of the world, in milliseconds. */
  readonly time: { readonly now: number };
  readonly history: History;
  readonly holds: SeenHolds;
  readonly watches: SeenWatch[];
  /** Objects with too many unknown outcomes for a decision whether their histories have an order. */
  readonly undecided: string[];
  /** Something happened that is promised never to happen. */
  violated(what: string): void;
  /** True if the manager may have forgotten reads that it answered: it was killed. */
  readonly mayForgetReads: boolean;
  /** True if a session of a client may have been lost. */
  mayLose(client: ObservedClient): boolean;
}
