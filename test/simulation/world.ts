import type { ServedManager } from '../../server/manager.js';
import type { SimulatedClient } from './client.js';
import type { EventLoop } from './event-loop.js';
import { History } from './history.js';
import { SeenHolds } from './holds.js';
import type { Network } from './network.js';
import type { Plan } from './plan.js';
import { SimulatedTime } from './time.js';

/** A watch of a dict, with what it has seen. */
export interface SeenWatch {
  readonly client: SimulatedClient;
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

/** One manager and its clients, and all that their users see. */
export class World {
  readonly time: SimulatedTime;
  readonly history = new History();
  readonly holds: SeenHolds;
  readonly watches: SeenWatch[] = [];
  readonly clients: SimulatedClient[] = [];
  readonly violations: string[] = [];
  /** The process of the manager. */
  readonly manager: EventLoop;
  /** The loop of no process, in which the faults happen. */
  readonly fate: EventLoop;
  network!: Network;
  served!: ServedManager;
  cuts = 0;

  constructor(readonly plan: Plan) {
    this.time = new SimulatedTime(plan.seed);
    this.holds = new SeenHolds(
      () => this.time.now,
      (what) => this.violated(what),
    );
    this.fate = this.time.loop('fate');
    this.manager = this.time.loop('manager');
  }

  /** Something happened that is promised never to happen. */
  violated(what: string): void {
    this.violations.push(`${Math.round(this.time.now)} ms: ${what}`);
  }

  /** Milliseconds for which a client has stood still since a time. */
  stoodStillMs(client: SimulatedClient, since: number): number {
    let sum = 0;
    for (const fault of this.plan.faults) {
      if (fault.what === 'stop' && fault.client === client.index && fault.at + fault.ms >= since) sum += fault.ms;
    }
    return sum;
  }

  /** A client leaves in order. */
  close(client: SimulatedClient): void {
    client.closed = true;
    void client.manager.close();
  }
}
