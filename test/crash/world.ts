import { join } from 'node:path';
import { History } from '../simulation/history.js';
import { SeenHolds } from '../simulation/holds.js';
import type { ObservedClient } from '../simulation/observed-client.js';
import type { ObservedWorld, SeenWatch } from '../simulation/observed.js';
import { CrashClient } from './client.js';
import type { CrashPlan } from './plan.js';

/** A history in which a moment is a time, so that it can be compared with times to live. */
class TimedHistory extends History {
  #last = 0;

  override moment(): number {
    this.#last = Math.max(this.#last + 1e-6, performance.now());
    return this.#last;
  }
}

/** A daemon with a directory, which is killed and started again, and its clients with all that their users see. */
export class CrashWorld implements ObservedWorld {
  readonly time = {
    get now(): number {
      return performance.now();
    },
  };
  readonly history: History = new TimedHistory();
  readonly holds: SeenHolds;
  readonly watches: SeenWatch[] = [];
  readonly clients: CrashClient[] = [];
  readonly violations: string[] = [];
  readonly address: string;
  /** Number of attempts to open a session that failed: the manager may have sessions from these, until their leases end. */
  orphans = 0;

  constructor(
    readonly plan: CrashPlan,
    readonly directory: string,
  ) {
    this.address = `unix:${join(directory, 'socket')}`;
    this.holds = new SeenHolds(
      () => this.time.now,
      (what) => this.violated(what),
    );
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  mayLose({ expiries, loop }: ObservedClient): boolean {
    return expiries > 0 || !loop.alive;
  }

  /** Adds a client. */
  connect(): CrashClient {
    const client = new CrashClient(this.clients.length, this.address, () => {});
    this.clients.push(client);
    return client;
  }
}
