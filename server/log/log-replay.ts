import { describedTypes } from '../../engine/described-types.js';
import { Replay } from '../../engine/machine/replay.js';
import { limitsOf, turnOf, typesOf } from '../../engine/machine/turn-codec.js';
import type { Machine } from '../../engine/machine/machine.js';
import { StateReader } from '../../engine/state/reader.js';
import { stateChunks } from '../../engine/state/writer.js';
import { appliesTurnsOf, ENGINE_VERSION } from '../../engine/versions.js';
import { DamagedLogError } from '../../proto/errors.js';
import { Record as WrittenRecord, type Beginning } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import type { State, StateOf } from '../../proto/state.js';
import { Reader } from '../../proto/wire/reader.js';
import type { LogReader, LogRecord } from './log-store.js';
import { OutputSum } from './output-sum.js';

/** A machine between two of its turns, and the time. */
interface SavedMachine {
  readonly beginning: Beginning;
  /** Time of the last turn on the machine's clock, and in milliseconds since 1970. */
  readonly now: number;
  readonly wallTime: number;
  readonly machine: StateOf<Machine>;
}

const REMEDY = 'This is a defect of commonhold';

/** The machine that the log of a manager leads to. */
export class LogReplay {
  readonly replay: Replay;
  /** Position of the last record that was applied, or the one of the snapshot. */
  position = 0;
  /** Number of records that were applied. */
  records = 0;
  readonly #outputs = new OutputSum();
  readonly #reader = new Reader();
  #now: number;
  #wallTime: number;

  private constructor(readonly beginning: Beginning) {
    this.#now = beginning.now;
    this.#wallTime = beginning.wallTime;
    const outputs = this.#outputs;
    const record = { frame: outputs.frame.bind(outputs), done: outputs.done.bind(outputs), turn() {} };
    // An error in a replay was one the first time too, and was reported then.
    this.replay = new Replay(limitsOf(beginning.limits), describedTypes(typesOf(beginning.types)), beginning, record, () => {}, true);
  }

  /**
   * Begins with the snapshot of a log, if it has one, and else with its first record.
   * @param otherwise how the machine begins if the log is empty
   * @throws DamagedLogError if its beginning cannot be read, or if the log is empty, and need not be
   */
  static async begin(store: LogReader, otherwise?: Beginning): Promise<LogReplay> {
    const snapshot = await store.snapshot();
    if (snapshot === undefined) {
      const beginning = (await firstBeginning(store)) ?? otherwise ?? nothing();
      return refusing('the beginning of the log cannot be applied', () => new LogReplay(beginning));
    }
    assertApplies(snapshot.format, 'the snapshot');
    const reader = new StateReader();
    for await (const chunk of snapshot.chunks) refusing('the snapshot cannot be read', () => reader.push(chunk));
    return refusing('the snapshot cannot be restored', () => {
      const { beginning, now, wallTime, machine } = reader.end() as unknown as SavedMachine;
      const replay = new LogReplay(beginning);
      replay.#now = now;
      replay.#wallTime = wallTime;
      replay.position = snapshot.position;
      replay.replay.restore(machine, now);
      return replay;
    });
  }

  /** Applies the records behind the present position, up to another one or to the last. @throws DamagedLogError */
  async applyRest(store: LogReader, last = Infinity): Promise<void> {
    for await (const record of store.read(this.position + 1)) {
      if (record.position > last) break;
      this.apply(record);
    }
  }

  get machine(): Machine {
    return this.replay.machine;
  }

  /** Time of the last turn, in milliseconds since 1970. */
  get wallTime(): number {
    return this.#wallTime;
  }

  /** The beginning of the machine, if nothing of it is in the log. */
  get unwritten(): Beginning | undefined {
    return this.position === 0 ? this.beginning : undefined;
  }

  /**
   * Applies the turns of the next record.
   * @throws DamagedLogError if they do not do what they did the first time
   */
  apply({ position, bytes, format }: LogRecord): void {
    assertApplies(format, `record ${position}`);
    const reader = this.#reader;
    const { turns, wallTime, outputs } = readRecord(reader, position, bytes);
    refusing(`record ${position} of the log cannot be applied`, () => {
      for (const turn of turns) this.replay.apply(turnOf(turn));
    });
    if (this.#outputs.take() !== outputs)
      throw new DamagedLogError(`record ${position} of the log leads to other answers than the first time. ${REMEDY}`);
    this.#now = turns.at(-1)?.now ?? this.#now;
    this.#wallTime = wallTime;
    this.position = position;
    this.records++;
  }

  /** Yields the chunks of a snapshot. */
  chunks(): AsyncIterable<Uint8Array> {
    return this.#chunks(this.#now, this.#wallTime);
  }

  /** As {@link chunks}, after the machine has gone on by itself. */
  chunksNow(): AsyncIterable<Uint8Array> {
    return this.#chunks(this.machine.clock.now, Date.now());
  }

  async *#chunks(now: number, wallTime: number): AsyncGenerator<Uint8Array> {
    const saved: SavedMachine = { beginning: this.beginning, now, wallTime, machine: this.machine.state() };
    yield* stateChunks(saved as unknown as State);
  }

  /** Returns the present time on the machine's clock, which went on while nothing of it ran. */
  present(wallTime: number): number {
    return this.#now + Math.max(0, wallTime - this.#wallTime);
  }
}

function assertApplies(version: number, what: string): void {
  if (appliesTurnsOf(version)) return;
  throw new DamagedLogError(
    `${what} was written by version ${version} of the engine, and this is version ${ENGINE_VERSION}: with that release, write a dump (commonhold dump --data-dir DIRECTORY), and load it with this one`,
  );
}

function nothing(): never {
  throw new DamagedLogError('the log is empty: no manager has kept anything in this directory');
}

async function firstBeginning(store: LogReader): Promise<Beginning | undefined> {
  for await (const { bytes, format } of store.read(1)) {
    assertApplies(format, 'record 1');
    return readRecord(new Reader(), 1, bytes).beginning;
  }
  return undefined;
}

/** @throws DamagedLogError */
function readRecord(reader: Reader, position: number, bytes: Uint8Array): WrittenRecord {
  return refusing(`record ${position} of the log cannot be read`, () => WrittenRecord.read(reader, reader.reset(bytes)));
}

/** Reads or applies a part of a log that has passed its checksum, so that no error of it comes from the disk. @throws DamagedLogError */
function refusing<T>(failed: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new DamagedLogError(`${failed}: ${(cause as Error).message}. ${REMEDY}`, { cause });
  }
}
