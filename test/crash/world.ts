import { join } from 'node:path';
import type { Durability } from '../../server/log/options.js';
import { History } from '../simulation/history.js';
import { SeenHolds } from '../simulation/holds.js';
import type { ObservedClient } from '../simulation/observed-client.js';
import type { ObservedWorld, SeenWatch } from '../simulation/observed.js';
import { CrashClient } from './client.js';
import type { CrashPlan } from './plan.js';

/** A history in which a moment is a time that all processes share, in milliseconds. So it can be compared with times to live, and with other processes. */
export class TimedHistory extends History {
  #last = 0;

  override moment(): number {
    this.#last = Math.max(this.#last + 1e-6, Number(process.hrtime.bigint()) / 1e6);
    return this.#last;
  }
}

/** Returns the holds of a process. A manager that loses what it answered may grant what a client believes to hold, under a later token. */
export function seenHolds(violated: (what: string) => void, durability: Durability): SeenHolds {
  return new SeenHolds(() => performance.now(), violated, durability === 'sync');
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
  readonly undecided: string[] = [];
  readonly address: string;
  /** Number of attempts to open a session that failed: the manager may have sessions from these, until their leases end. */
  orphans = 0;

  constructor(
    readonly plan: CrashPlan,
    readonly directory: string,
  ) {
    this.address = `unix:${join(directory, 'socket')}`;
    this.holds = seenHolds((what) => this.violated(what), plan.durability);
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  readonly mayForgetReads = true;

  mayLose({ expiries, loop }: ObservedClient): boolean {
    return expiries > 0 || !loop.alive;
  }

  /** Adds a client. */
  connect(): CrashClient {
    const client = new CrashClient(this.clients.length, this.address);
    this.clients.push(client);
    return client;
  }
}
