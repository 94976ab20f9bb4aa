import type { SimulatedClient } from './client.js';
import type { EventLoop } from './event-loop.js';
import { History } from './history.js';
import { LEARNS_MS, SeenHolds } from './holds.js';
import { SimulatedManager } from './manager.js';
import { Network } from './network.js';
import type { ObservedClient } from './observed-client.js';
import type { ObservedWorld, SeenWatch } from './observed.js';
import type { Plan } from './plan.js';
import { SimulatedTime } from './time.js';

/** One manager and its clients, and all that their users see. */
export class World implements ObservedWorld {
  readonly time: SimulatedTime;
  readonly history = new History();
  readonly holds: SeenHolds;
  readonly watches: SeenWatch[] = [];
  readonly clients: SimulatedClient[] = [];
  readonly violations: string[] = [];
  readonly manager: SimulatedManager;
  /** The loop of no process, in which the faults happen. */
  readonly fate: EventLoop;
  readonly network: Network;
  cuts = 0;

  constructor(readonly plan: Plan) {
    this.time = new SimulatedTime(plan.seed);
    this.holds = new SeenHolds(
      () => this.time.now,
      (what) => this.violated(what),
      !this.loses,
      ({ client, session }) => !this.loses && this.#looks(client) && !this.manager.mayHave(session),
    );
    this.fate = this.time.loop('fate');
    this.manager = new SimulatedManager(this);
    this.network = new Network(this.time);
  }

  readonly undecided: string[] = [];

  /** Something happened that is promised never to happen. */
  violated(what: string): void {
    this.violations.push(`${Math.round(this.time.now)} ms: ${what}`);
  }

  /** True if a program looks at its lease in time: it has not just stood still, or has heartbeats, by which it knows of the loss at once. */
  #looks(client: ObservedClient): boolean {
    return this.plan.clients[client.index]?.heartbeats === true || client.loop.stoppedUntil < this.time.now - LEARNS_MS;
  }

  /** Milliseconds for which a client has stood still since a time, or the manager if none is given. */
  stoodStillMs(client: ObservedClient | undefined, since: number): number {
    let sum = 0;
    for (const fault of this.plan.faults) {
      if (fault.what !== 'stop' || fault.part === 'heartbeats') continue;
      if (fault.client === client?.index && fault.at + fault.ms >= since) sum += fault.ms;
    }
    return sum;
  }

  /** True if its manager may lose what it answered. */
  get loses(): boolean {
    return this.plan.log?.durability === 'async';
  }

  get mayForgetReads(): boolean {
    return this.plan.faults.some(({ what }) => what === 'kill');
  }

  /** True if a session of a client was lost: it expired, its program died, or it was closed over a connection that was broken. */
  mayLose({ index, expiries, loop }: ObservedClient): boolean {
    const faults = this.plan.faults.filter(({ client }) => client === index);
    const breaks = faults.some(({ what }) => what === 'cut') || this.plan.faults.some(({ what }) => what === 'kill');
    const leftCut = breaks && faults.some(({ what }) => what === 'close');
    return expiries > 0 || !loop.alive || leftCut;
  }

  /** A client leaves in order. */
  close(client: SimulatedClient): void {
    client.closed = true;
    void client.manager.close();
  }
}
