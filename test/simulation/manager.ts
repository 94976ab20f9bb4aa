import { digest } from '../../engine/digest.js';
import { newMachine } from '../../engine/system.js';
import { TypeRegistry } from '../../engine/types.js';
import { DurableManager } from '../../server/durable.js';
import { LogReplay } from '../../server/log/log-replay.js';
import { writeSnapshot } from '../../server/log/snapshot.js';
import { ServedManager } from '../../server/manager.js';
import { Logger } from '../../server/observation/logger.js';
import { resolveOptions } from '../../server/options.js';
import { CONNECT_PATH, HEARTBEAT_PATH } from '../../proto/session-stream.js';
import { Handshake } from '../../server/session/handshake.js';
import { HeartbeatStream } from '../../server/session/heartbeats.js';
import type { Accept } from '../../server/session/stream.js';
import { SimulatedDisk, SimulatedLog } from './disk.js';
import type { EventLoop } from './event-loop.js';
import type { Network } from './network.js';
import type { LogPlan, Plan } from './plan.js';
import type { SimulatedTime } from './time.js';

/** The world of a manager. */
interface Surroundings {
  readonly plan: Plan;
  readonly time: SimulatedTime;
  readonly fate: EventLoop;
  readonly network: Network;
  violated(what: string): void;
}

/** The process of the manager. If it keeps a log it can be killed, and starts again from its disk. */
export class SimulatedManager {
  /** The present process. */
  loop: EventLoop;
  served!: ServedManager;
  /** Times at which it was killed. */
  readonly deaths: number[] = [];
  #running = false;
  readonly #disk = new SimulatedDisk();
  /** Digest of the state after each record, by position. */
  readonly #digests = new Map<number, string>();

  constructor(private readonly world: Surroundings) {
    this.loop = world.time.loop('manager');
  }

  /** True from the start of the process until it is killed. */
  get running(): boolean {
    return this.#running;
  }

  /** Returns false if a session has certainly ended. While no process takes connections, it may be on the disk. */
  mayHave(session: string): boolean {
    return this.world.network.listener === undefined || this.served.sessions.has(session);
  }

  /** Starts the process. */
  start(): void {
    this.#running = true;
    const { log } = this.world.plan;
    const run = (): void => {
      if (log === undefined) this.#serve(new ServedManager(resolveOptions({}), newMachine(new TypeRegistry())));
      else void this.#goOn(log);
    };
    this.loop.post(this.world.time.now, run);
  }

  async #goOn(log: LogPlan): Promise<void> {
    const options = resolveOptions({ dataDir: 'a simulated disk', ...log }, this.#logger());
    const store = this.#log(log, (position) => this.#digests.set(position, digest(this.served.machine.state())));
    const startSnapshot = () => ({ written: writeSnapshot(store), stop: async () => {} });
    const { manager } = await DurableManager.start(options, new TypeRegistry(), { store, startSnapshot });
    this.#serve(manager);
  }

  #logger(): Logger {
    return new Logger(false, (level, event) => {
      if (level === 'fatal' || level === 'error') this.world.violated(`the manager reports: ${event}`);
    });
  }

  #log(plan: LogPlan, appended: (position: number) => void = () => {}): SimulatedLog {
    return new SimulatedLog(plan, this.#disk, this.world.time, this.loop, appended);
  }

  #serve(manager: ServedManager): void {
    this.served = manager;
    const accepts = new Map<string, Accept>([
      [CONNECT_PATH, (stream, access) => new Handshake(stream, manager, access)],
      [HEARTBEAT_PATH, (stream, access) => new HeartbeatStream(stream, manager, access)],
    ]);
    this.world.network.listener = { loop: this.loop, accepts };
  }

  /** Kills the process. Records that it had not flushed may be lost. */
  async kill(): Promise<void> {
    const { time, network, fate } = this.world;
    this.deaths.push(time.now);
    this.#running = false;
    this.loop.end();
    network.listener = undefined;
    await this.checkReplay();
    this.#disk.crash(fate.draw);
    this.loop = time.loop(`manager ${this.#disk.epoch}`);
  }

  /** Checks that the log leads after each of its records to the state that the manager had there. */
  async checkReplay(): Promise<void> {
    if (this.#disk.last === 0) return;
    const log = this.#log(this.world.plan.log!);
    try {
      const replay = await LogReplay.begin(log);
      if (replay.position > 0) this.#compare(replay);
      for await (const record of log.read(replay.position + 1)) {
        replay.apply(record);
        this.#compare(replay);
      }
    } catch (error) {
      this.world.violated(`the log cannot be applied: ${(error as Error).stack}`);
    }
  }

  #compare({ position, machine }: LogReplay): void {
    if (digest(machine.state()) !== this.#digests.get(position))
      this.world.violated(`the log leads to another state after record ${position} than the manager had there`);
  }
}
