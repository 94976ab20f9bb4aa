import type { SharedDict } from '../../client/objects/dict.js';
import { TypeRegistry } from '../../engine/types.js';
import { ServedManager } from '../../server/manager.js';
import { resolveOptions } from '../../server/options.js';
import { Handshake } from '../../server/session/handshake.js';
import { audit } from './audit.js';
import { check } from './checks/index.js';
import { checkExpiry } from './checks/leases.js';
import { SimulatedClient } from './client.js';
import { DEEDS } from './deeds/index.js';
import type { EventLoop } from './event-loop.js';
import { begin } from './faults.js';
import { History } from './history.js';
import { SeenHolds } from './holds.js';
import { Network } from './network.js';
import type { ClientPlan, Plan, Step } from './plan.js';
import { SimulatedTime } from './time.js';
import { User } from './user.js';

/** Time at which clients with calls that still wait are closed, in milliseconds. */
const LONGEST_MS = 20_000;
/** Time after which the manager has forgotten all of the clients: leases, and a minute for which it keeps changes. */
const FORGOTTEN_MS = 70_000;
const AUDITOR: ClientPlan = { leaseMs: 5_000, tied: false, remote: false, callTimeout: 10_000, users: [] };

/** A watch of a dict, with what it has seen. */
export interface SeenWatch {
  readonly client: SimulatedClient;
  /** Place of a moment at which it had certainly begun. */
  began: number;
  readonly changes: { readonly type: string; readonly key?: string | undefined; readonly value?: unknown; readonly revision: number }[];
  /** Set if it failed. */
  error: unknown;
}

/** The outcome of a world. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly calls: number;
  readonly connections: number;
  readonly cuts: number;
  readonly resumptions: number;
  readonly expiries: number;
  /** Equal for equal runs. */
  readonly trace: number;
}

/** One manager and its clients, from the first call until the manager has forgotten all of them. */
export class World {
  readonly time: SimulatedTime;
  readonly history = new History();
  readonly holds: SeenHolds;
  readonly watches: SeenWatch[] = [];
  readonly clients: SimulatedClient[] = [];
  readonly violations: string[] = [];
  readonly manager: EventLoop;
  /** The loop of no process, in which the faults happen. */
  readonly fate: EventLoop;
  network!: Network;
  served!: ServedManager;
  cuts = 0;
  #busy = 0;
  #over = false;
  readonly #pids = new Map<number, SimulatedClient>();

  constructor(readonly plan: Plan) {
    this.time = new SimulatedTime(plan.seed);
    this.holds = new SeenHolds(
      () => this.time.now,
      (what) => this.violated(what),
    );
    this.fate = this.time.loop('fate');
    this.manager = this.time.loop('manager');
  }

  violated(what: string): void {
    this.violations.push(`${Math.round(this.time.now)} ms: ${what}`);
  }

  async run(): Promise<Outcome> {
    const { time, plan } = this;
    this.manager.post(0, () => this.#serve());
    plan.clients.forEach((client, index) => this.#add(index, client, (added) => this.#work(added)));
    for (const fault of plan.faults) this.fate.post(1 + fault.at, () => begin(this, fault));
    this.fate.post(500, () => this.#look());
    const restore = this.#lookUpProcesses();
    const defect = (error: unknown): void => this.violated(`a defect: ${(error as Error).stack ?? String(error)}`);
    process.on('unhandledRejection', defect);
    try {
      await time.run(() => this.#over);
    } finally {
      restore();
      process.off('unhandledRejection', defect);
    }
    if (!this.#over) this.violated('the world stands still');
    check(this);
    const sum = (of: (client: SimulatedClient) => number): number => this.clients.reduce((total, client) => total + of(client), 0);
    return {
      violations: this.violations,
      calls: this.history.calls.length,
      connections: this.network.opened,
      cuts: this.cuts,
      resumptions: sum(({ resumptions }) => resumptions),
      expiries: sum(({ expiries }) => expiries),
      trace: time.trace,
    };
  }

  #serve(): void {
    this.served = new ServedManager(resolveOptions({}), new TypeRegistry());
    this.network = new Network(this.time, this.manager, (stream) => new Handshake(stream, this.served));
  }

  #add(index: number, plan: ClientPlan, begin: (client: SimulatedClient) => void): void {
    const loop = this.time.loop(`client ${index}`);
    loop.post(this.time.now + 1, () => {
      const client: SimulatedClient = new SimulatedClient(index, plan, loop, this.network, () => checkExpiry(this, client));
      this.clients[index] = client;
      this.#pids.set(client.pid, client);
      begin(client);
    });
  }

  /** Lets the manager find the processes of the clients, which are no processes of this system. */
  #lookUpProcesses(): () => void {
    const kill = process.kill.bind(process);
    process.kill = (pid, signal) => {
      const client = this.#pids.get(pid);
      if (client === undefined) return kill(pid, signal);
      if (client.loop.alive) return true;
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    };
    return () => void (process.kill = kill);
  }

  #work(client: SimulatedClient): void {
    for (const [index, steps] of client.plan.users.entries()) {
      const user = new User(this, client, index);
      this.#busy++;
      void this.#walk(user, steps).then(() => this.#busy--);
    }
  }

  async #walk(user: User, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await user.pause(step.pause);
      if (user.client.closed) return;
      // The calls of a deed are recorded one by one, with their errors.
      await DEEDS[step.deed](user, step).catch((error: unknown) => this.#note(error));
    }
  }

  /** An error that is not of a call is one of the simulation. */
  #note(error: unknown): void {
    if (!this.history.calls.some((call) => call.error === error)) this.violated(`unexpected: ${(error as Error).stack ?? String(error)}`);
  }

  /** Watches a dict for some time. */
  async watch(user: User, dict: SharedDict<string, number>, ms: number): Promise<void> {
    const watching = dict.watch();
    const seen: SeenWatch = { client: user.client, began: Infinity, changes: [], error: undefined };
    this.watches.push(seen);
    setTimeout(() => void watching.return!(), ms);
    const begun = user.call('watched', 'size', [], () => dict.size()).then(() => (seen.began = this.history.moment()));
    begun.catch(() => {});
    try {
      for await (const change of watching) seen.changes.push(change);
    } catch (error) {
      seen.error = error;
    }
    await begun;
  }

  /** Looks now and then whether all users are done. */
  #look(): void {
    const lastFault = this.plan.faults.at(-1)?.at ?? 0;
    const alive = this.clients.filter(({ loop, closed }) => loop.alive && !closed);
    const done = this.#busy === 0 || alive.length === 0;
    if ((!done && this.time.now < LONGEST_MS) || this.time.now < lastFault) {
      this.fate.post(this.time.now + 500, () => this.#look());
      return;
    }
    for (const client of alive) {
      client.reachable = 'yes';
      client.loop.post(this.time.now, () => this.close(client));
    }
    const auditor = this.plan.clients.length;
    this.fate.post(this.time.now + FORGOTTEN_MS, () =>
      this.#add(auditor, AUDITOR, ({ loop }) => {
        void audit(this, loop).then(() => (this.#over = true));
      }),
    );
  }

  /** Milliseconds for which a client has stood still since a time. */
  stoodStillMs(client: SimulatedClient, since: number): number {
    let sum = 0;
    for (const fault of this.plan.faults) {
      if (fault.what === 'stop' && fault.client === client.index && fault.at + fault.ms >= since) sum += fault.ms;
    }
    return sum;
  }

  close(client: SimulatedClient): void {
    client.closed = true;
    void client.manager.close();
  }
}
