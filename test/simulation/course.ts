import { audit, auditIdle } from './audit.js';
import { check } from './checks/index.js';
import { checkFrames, sentFrames } from './checks/frames.js';
import { checkExpiry } from './checks/leases.js';
import { SimulatedClient } from './client.js';
import { DEEDS } from './deeds/index.js';
import { begin } from './faults.js';
import type { ClientPlan, Plan, Step } from './plan.js';
import { User } from './user.js';
import { World } from './world.js';

/** Time at which clients with calls that still wait are closed, in milliseconds. */
const LONGEST_MS = 20_000;
/** Time after which the manager has forgotten all of the clients: leases, and a minute for which it keeps changes. */
const FORGOTTEN_MS = 70_000;
/** Time after which nothing that a fault has held up is under way any more, in milliseconds. */
const SETTLED_MS = 25_000;
/** Interval at which the end of a world is looked for, in milliseconds. */
const LOOK_MS = 500;
/** Callbacks of a world that goes on for ever. */
const MOST_STEPS = 1_000_000;
/** Frames of the stacks of errors. The calls of a world fail often, and most stacks are never read. */
const STACK_LINES = 3;
const NO_MEMORY = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
const AUDITOR: ClientPlan = { leaseMs: 5_000, tied: false, remote: false, heartbeats: false, callTimeout: 10_000, users: [] };

/** The outcome of a world. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly calls: number;
  readonly cuts: number;
  /** Number of times that its manager was killed. */
  readonly kills: number;
  readonly resumptions: number;
  readonly expiries: number;
  readonly undecided: number;
  /** Equal for equal runs. */
  readonly trace: number;
}

/** Runs the world of a plan, from the first call until the manager has forgotten all of its clients. */
export async function runPlan(plan: Plan): Promise<Outcome> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_LINES;
  const world = new World(plan);
  await new Course(world).run();
  check(world);
  Error.stackTraceLimit = stackTraceLimit;
  const { violations, history, clients, cuts, manager, time } = world;
  const sum = (of: (client: SimulatedClient) => number): number => clients.reduce((total, client) => total + of(client), 0);
  return {
    violations,
    calls: history.calls.length,
    cuts,
    kills: manager.deaths.length,
    resumptions: sum(({ resumptions }) => resumptions),
    expiries: sum(({ expiries }) => expiries),
    undecided: world.undecided.length,
    trace: time.trace,
  };
}

/** The course of a world. */
class Course {
  readonly #pids = new Map<number, SimulatedClient>();
  /** Number of users who are not done. */
  #busy = 0;
  #over = false;

  constructor(private readonly world: World) {}

  async run(): Promise<void> {
    const { world } = this;
    const { manager, fate, time, plan } = world;
    manager.start();
    plan.clients.forEach((client, index) => this.#add(index, client, (added) => this.#work(added)));
    for (const fault of plan.faults) fate.post(1 + fault.at, () => begin(world, fault));
    fate.post(LOOK_MS, () => this.#look());
    const restore = this.#simulateProcesses();
    const defect = (error: unknown): void => world.violated(`a defect: ${(error as Error).stack}`);
    process.on('unhandledRejection', defect);
    try {
      await time.run(() => this.#over || time.steps > MOST_STEPS);
    } finally {
      restore();
      process.off('unhandledRejection', defect);
    }
    if (!this.#over) world.violated('the world does not come to its end');
  }

  #add(index: number, plan: ClientPlan, begin: (client: SimulatedClient) => void): void {
    const { world } = this;
    const loop = world.time.loop(`client ${index}`);
    loop.post(world.time.now + 1, () => {
      const client: SimulatedClient = new SimulatedClient(index, plan, loop, world.network, (reason) => checkExpiry(world, client, reason));
      world.clients[index] = client;
      this.#pids.set(client.pid, client);
      begin(client);
    });
  }

  /** Lets the manager find the processes of the clients, which are no processes of this system. Its own has no size, which would be chance. */
  #simulateProcesses(): () => void {
    const kill = process.kill.bind(process);
    const { memoryUsage } = process;
    process.memoryUsage = Object.assign(() => NO_MEMORY, { rss: () => 0 });
    process.kill = (pid, signal) => {
      const client = this.#pids.get(pid);
      if (client === undefined) return kill(pid, signal);
      if (client.loop.alive) return true;
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    };
    return () => {
      process.kill = kill;
      process.memoryUsage = memoryUsage;
    };
  }

  #work(client: SimulatedClient): void {
    for (const [index, steps] of client.plan.users.entries()) {
      this.#busy++;
      void this.#walk(new User(this.world, client, index), steps).then(() => this.#busy--);
    }
  }

  async #walk(user: User, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await user.pause(step.pause);
      if (user.client.closed) return;
      await DEEDS[step.deed](user, step).catch((error: unknown) => this.#assertOfCall(error));
    }
  }

  /** The calls of users are recorded with their errors. Any other error is one of the simulation. */
  #assertOfCall(error: unknown): void {
    const { history } = this.world;
    if (!history.calls.some((call) => call.error === error)) this.world.violated(`unexpected: ${(error as Error).stack}`);
  }

  /** Looks now and then whether all users are done. */
  #look(): void {
    const { world } = this;
    const { plan, clients, time, fate } = world;
    const lastFault = plan.faults.at(-1)?.at ?? 0;
    const alive = clients.filter(({ loop, closed }) => loop.alive && !closed);
    const done = this.#busy === 0 || alive.length === 0;
    if ((!done && time.now < LONGEST_MS) || time.now < lastFault) {
      fate.post(time.now + LOOK_MS, () => this.#look());
      return;
    }
    for (const site of alive.flatMap((client) => client.sites(undefined))) site.reachable = 'yes';
    if (this.#busy === 0)
      fate.post(time.now + SETTLED_MS, () => this.#add(plan.clients.length, AUDITOR, (auditor) => this.#auditIdle(auditor)));
    else this.#closeAll();
  }

  #auditIdle(auditor: SimulatedClient): void {
    const settled = sentFrames(this.world);
    void auditIdle(this.world, auditor).then(() => {
      checkFrames(this.world, settled);
      this.#closeAll();
    });
  }

  #closeAll(): void {
    const { world } = this;
    const { clients, time, fate } = world;
    for (const client of clients) if (client.loop.alive && !client.closed) client.loop.post(time.now, () => world.close(client));
    fate.post(time.now + FORGOTTEN_MS, () => this.#add(clients.length, AUDITOR, (auditor) => this.#audit(auditor)));
  }

  #audit(auditor: SimulatedClient): void {
    const { world } = this;
    void this.#readAll(auditor).then(() => world.fate.post(world.time.now + LOOK_MS, () => void this.#end()));
  }

  async #readAll(auditor: SimulatedClient): Promise<void> {
    const { world } = this;
    if (world.loses) await new User(world, auditor, 0).call('journal', 'all', [], () => auditor.manager.list('journal').toArray());
    await audit(world, auditor);
  }

  async #end(): Promise<void> {
    const { world } = this;
    if (world.manager.served.sessions.size > 0) world.violated('the last session is left');
    await world.manager.checkReplay();
    this.#over = true;
  }
}
