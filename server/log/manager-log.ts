import type { MachineLimits } from '../../engine/machine/inputs.js';
import type { Machine } from '../../engine/machine/machine.js';
import { thisProcess } from '../../engine/system.js';
import type { Types } from '../../engine/types.js';
import type { ManagerError } from '../../proto/errors.js';
import type { Outlet, ServerSurroundings } from '../manager.js';
import { LogReplay } from './log-replay.js';
import type { Leader, LogStore } from './log-store.js';
import type { LogOptions } from './options.js';
import { openStore } from './open-store.js';
import { SnapshotWriter } from './snapshot-writer.js';
import { TurnLog } from './turn-log.js';

/** Events of a {@link ManagerLog}. */
export interface ManagerLogEvents {
  /** Nothing is kept any more. */
  failed(error: ManagerError): void;
  /** A snapshot could not be written: the log grows until the next one. */
  snapshotFailed(error: Error): void;
}

/** The log of a manager: what it leads to at the start, and what the manager writes from then on. */
export class ManagerLog implements Outlet {
  readonly #replay: LogReplay;
  #log!: TurnLog;
  #machine!: Machine;
  #snapshots: SnapshotWriter | undefined;
  #stopClock = (): void => {};

  private constructor(
    private readonly options: LogOptions,
    private readonly store: LogStore,
    private readonly leader: Leader,
    private readonly types: Types,
    replay: LogReplay,
    private readonly events: ManagerLogEvents,
  ) {
    this.#replay = replay;
  }

  /**
   * Takes a directory over, and applies the log in it.
   * @param limits of a machine that begins
   * @throws AlreadyExistsError if another manager has the directory
   * @throws DamagedLogError if the log is damaged
   */
  static async open(options: LogOptions, types: Types, limits: MachineLimits, events: ManagerLogEvents): Promise<ManagerLog> {
    const store = openStore(options.dataDir, options.durability);
    const leader = await store.lead();
    try {
      const replay = await LogReplay.begin(store, types, { now: 0, wallTime: Date.now(), limits });
      await replay.applyRest(store);
      return new ManagerLog(options, store, leader, types, replay, events);
    } catch (error) {
      await leader.release();
      throw error;
    }
  }

  get returns(): boolean {
    return this.options.returns;
  }

  /** Describes what was found at the start; undefined if that was nothing. */
  get found(): string | undefined {
    const { records, position } = this.#replay;
    if (position === 0) return undefined;
    const { torn } = this.leader;
    const tail = torn === undefined ? '' : `; ${torn.bytes} bytes at its end, which were never acknowledged, were cut off`;
    return `went on from ${this.options.dataDir}, with ${records} records after the last snapshot${tail}`;
  }

  /** Lets the machine go on by itself, and returns it. */
  goOn(limits: MachineLimits, rest: ServerSurroundings): Machine {
    const { replay, machine, unwritten } = this.#replay;
    const { dataDir, durability, snapshotAfter } = this.options;
    this.#machine = machine;
    const snapshots = new SnapshotWriter(dataDir, this.leader, this.types, snapshotAfter, (error) => this.events.snapshotFailed(error));
    this.#snapshots = snapshots;
    this.#log = new TurnLog(this.leader, machine.clock, durability === 'sync', unwritten, {
      appended: (bytes) => snapshots.appended(bytes),
      failed: (error) => this.events.failed(error),
    });
    const surroundings = { ...thisProcess(this.#replay.present(Date.now())), ...rest };
    this.#stopClock = () => surroundings.time.wake(undefined, () => {});
    replay.goOn(surroundings, this.#log);
    machine.limit(limits);
    machine.abandonCalls();
    return machine;
  }

  release(run: () => void): void {
    this.#log.release(run);
  }

  /** Resolves once everything so far is durable, and has left. */
  flushed(): Promise<void> {
    return this.#log.flushed();
  }

  /** Writes a last snapshot, and gives the directory back. The machine takes no input any more. */
  async close(): Promise<void> {
    const { leader } = this;
    this.#stopClock();
    try {
      await this.#snapshots?.stop();
      await this.#log.flushed();
      // The snapshot has whatever happens from now on; in the log it would come a second time.
      this.#log.end();
      if (this.#snapshots?.due && this.#machine.engine.restorable) await leader.snapshot(this.#log.position, this.#replay.chunksNow());
    } finally {
      await leader.release();
      await this.store[Symbol.asyncDispose]();
    }
  }
}
