import { describeTypes } from '../../engine/described-types.js';
import { writtenTypes } from '../../engine/machine/turn-codec.js';
import type { MachineLimits } from '../../engine/machine/inputs.js';
import type { Machine } from '../../engine/machine/machine.js';
import { thisProcess } from '../../engine/system.js';
import type { ServerSurroundings, Surroundings } from '../../engine/machine/surroundings.js';
import type { Types } from '../../engine/types.js';
import type { ManagerError } from '../../proto/errors.js';
import type { Beginning } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import type { Outlet } from '../manager.js';
import { failpoint } from './failpoint.js';
import { LogReplay } from './log-replay.js';
import type { Leader } from './log-store.js';
import type { LogOptions } from './options.js';
import { openLog, type LogParts } from './open-store.js';
import { SnapshotWriter, type SnapshotEvents } from './snapshot-writer.js';
import { TurnLog } from './turn-log.js';

/** Events of a {@link ManagerLog}. */
export interface ManagerLogEvents extends SnapshotEvents {
  /** Nothing is kept any more. */
  failed(error: ManagerError): void;
}

/** The log of a manager: what it leads to at the start, and what the manager writes from then on. */
export class ManagerLog implements Outlet {
  // Both are there once the machine goes on.
  #log: TurnLog | undefined;
  #snapshots: SnapshotWriter | undefined;
  #stopClock = (): void => {};

  private constructor(
    private readonly options: LogOptions,
    private readonly parts: LogParts,
    private readonly leader: Leader,
    private readonly types: Types,
    private replay: LogReplay,
    private readonly events: ManagerLogEvents,
  ) {}

  /**
   * Takes a directory over, and applies the log in it.
   * @param limits of a machine that begins
   * @param parts default: the ones of the directory
   * @throws AlreadyExistsError if another manager has the directory
   * @throws DamagedLogError if the log is damaged
   */
  static async open(
    options: LogOptions,
    types: Types,
    limits: MachineLimits,
    events: ManagerLogEvents,
    parts = openLog(options),
  ): Promise<ManagerLog> {
    const otherwise = { now: 0, wallTime: Date.now(), limits, types: writtenTypes(describeTypes(types)) };
    try {
      return await ManagerLog.#lead(options, parts, types, otherwise, events);
    } catch (error) {
      await parts.store[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #lead(
    options: LogOptions,
    parts: LogParts,
    types: Types,
    otherwise: Beginning,
    events: ManagerLogEvents,
  ): Promise<ManagerLog> {
    const { store } = parts;
    const leader = await store.lead();
    try {
      failpoint('start.led');
      const replay = await LogReplay.begin(store, otherwise);
      await replay.applyRest(store);
      failpoint('start.applied');
      return new ManagerLog(options, parts, leader, types, replay, events);
    } catch (error) {
      leader.resign();
      throw error;
    }
  }

  get returns(): boolean {
    return this.options.returns;
  }

  get holds(): boolean {
    return this.options.durability === 'sync';
  }

  /** Describes what was found at the start; undefined if that was nothing. */
  get found(): string | undefined {
    const { records, position } = this.replay;
    if (position === 0) return undefined;
    const { torn } = this.leader;
    const tail = torn === undefined ? '' : `; ${torn.bytes} bytes at its end, which were never acknowledged, were cut off`;
    return `went on from ${this.options.dataDir}, with ${records} records after the last snapshot${tail}`;
  }

  /** Lets the machine go on by itself, and returns it. */
  goOn(limits: MachineLimits, rest: ServerSurroundings): Machine {
    const { replay } = this;
    const { machine, unwritten } = replay;
    const { snapshotAfter } = this.options;
    const snapshots = new SnapshotWriter(this.parts.startSnapshot, this.leader, snapshotAfter, this.events);
    this.#snapshots = snapshots;
    this.#log = new TurnLog(this.leader, machine.clock, this.holds, unwritten, {
      kept: (bytes) => snapshots.grew(bytes),
      failed: (error) => this.events.failed(error),
    });
    replay.replay.goOn(this.#surroundings(replay, rest), this.#log, this.types);
    if (unwritten === undefined) machine.restarted(Date.now());
    machine.limit(limits);
    machine.abandonCalls();
    return machine;
  }

  #surroundings(replay: LogReplay, rest: ServerSurroundings): Surroundings {
    const surroundings = { ...thisProcess(replay.present(Date.now())), ...rest };
    this.#stopClock = () => surroundings.time.wake(undefined, () => {});
    return surroundings;
  }

  release(run: () => void): void {
    this.#log!.release(run);
  }

  /** Resolves once everything so far is durable, and has left. */
  flushed(): Promise<void> {
    return this.#log!.flushed();
  }

  /**
   * Ends the machine after the log has failed, and returns another one, with everything that was kept, which only reads.
   * @param refusal the error of calls that change something
   * @throws DamagedLogError or an error of the system, if the log cannot be read
   */
  async kept(refusal: ManagerError, rest: ServerSurroundings): Promise<Machine> {
    await this.#end();
    this.leader.resign();
    this.replay.machine.end();
    this.#stopClock();
    // In place of the other one, which need not be in memory at the same time.
    const { store } = this.parts;
    this.replay = await LogReplay.begin(store, this.replay.beginning);
    await this.replay.applyRest(store, this.#log!.kept);
    const { machine } = this.replay;
    machine.goOn(this.#surroundings(this.replay, rest), undefined);
    machine.readOnly(refusal);
    return machine;
  }

  /**
   * Takes the directory over once more, after the log has failed, and applies the log in it.
   * @throws LogFailedError or an error of the system, if nothing can be kept yet; then it can be tried again
   */
  again(): Promise<ManagerLog> {
    return ManagerLog.#lead(this.options, this.parts, this.types, this.replay.beginning, this.events);
  }

  /** Stops the machine that only reads: another one has taken its place. */
  replaced(): void {
    this.#stopClock();
  }

  /** Leaves the directory to the next attempt to take it over. */
  resign(): void {
    this.#stopClock();
    this.leader.resign();
  }

  /** Writes a last snapshot, and gives the directory back. The machine takes no input any more. */
  async close(): Promise<void> {
    const { leader } = this;
    try {
      await this.#end();
      if (this.#snapshots?.due && this.#log?.failed === false && this.replay.machine.engine.restorable)
        await leader.snapshot(this.#log.position, this.replay.chunksNow());
    } finally {
      await leader.release();
      await this.parts.store[Symbol.asyncDispose]();
    }
  }

  /** Records nothing more. */
  async #end(): Promise<void> {
    this.#stopClock();
    await this.#snapshots?.stop();
    await this.#log?.flushed();
    // A snapshot has whatever happens from now on; in the log it would come a second time.
    this.#log?.end();
  }
}
