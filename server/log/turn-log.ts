import type { Recorder } from '../../engine/machine/context.js';
import type { Turn } from '../../engine/machine/inputs.js';
import { writeTurn } from '../../engine/machine/turn-codec.js';
import { Record as LogRecord, type Beginning } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import type { ManagerError } from '../../proto/errors.js';
import { Writer } from '../../proto/wire/writer.js';
import type { Leader } from './log-store.js';
import { OutputSum } from './output-sum.js';

/** Size at which a record is appended before its turn of the event loop ends, in bytes. */
const LARGE = 1024 * 1024;

/** Events of a {@link TurnLog}. */
export interface TurnLogEvents {
  /** More was appended, in bytes. */
  appended(bytes: number): void;
  /** A record could not be kept. Nothing that depends on it is sent, and no later record is kept. */
  failed(error: ManagerError): void;
}

/**
 * Writes the turns of a machine into a log, and holds back what the machine sends until its turns are durable. The turns of one turn of the
 * event loop are one record; while records are on their way to the disk, the next ones follow them, and are flushed together.
 */
export class TurnLog implements Recorder {
  readonly #writer = new Writer();
  readonly #outputs = new OutputSum();
  /** Sends that may happen once the record under way is durable. */
  #held: (() => void)[] = [];
  /** Sends that may happen with each record that is on its way, in their order. */
  readonly #records: (() => void)[][] = [];
  #scheduled = false;
  /** Position of the last record that is durable. */
  #kept: number;
  #failed = false;
  #ended = false;
  /** Called when nothing is on its way. */
  #idle: (() => void)[] = [];

  constructor(
    private readonly leader: Leader,
    /** The clock of the machine. */
    private readonly clock: { readonly inTurn: boolean },
    /** False if a client need not wait for the disk. */
    private readonly holds: boolean,
    /** Written into the first record of a log. */
    private beginning: Beginning | undefined,
    private readonly events: TurnLogEvents,
  ) {
    this.#kept = leader.next - 1;
  }

  /** True once a record could not be kept. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Position of the last record that is durable. */
  get kept(): number {
    return this.#kept;
  }

  /** Position of the last record that was appended. */
  get position(): number {
    return this.leader.next - 1;
  }

  frame(session: number, frame: Buffer): void {
    this.#outputs.frame(session, frame);
  }

  done(call: number, answer: Buffer | ManagerError): void {
    this.#outputs.done(call, answer);
  }

  turn(turn: Turn): void {
    if (this.#ended || this.#failed) return;
    writeTurn(this.#writer, turn);
    if (this.#writer.size >= LARGE) this.#append();
    else this.#schedule();
  }

  /** Runs something once all that the machine did so far is durable, after everything that was held back before. */
  release(run: () => void): void {
    if (!this.holds) return run();
    const open = this.#writer.size > 0 || this.clock.inTurn ? this.#held : this.#records.at(-1);
    if (open !== undefined) open.push(run);
    else if (!this.#failed) run();
  }

  /** Writes no further turn: users' code that still runs may end after the log is given back, and has failed at the next start. */
  end(): void {
    this.#ended = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#append());
  }

  #append(): void {
    this.#scheduled = false;
    if (this.#writer.size === 0 || this.#ended || this.#failed) return;
    const record = this.#record();
    const held = this.#held;
    this.#held = [];
    this.#records.push(held);
    this.leader.append(record).then(
      (position) => this.#durable(position),
      (error: unknown) => this.#fail(error as ManagerError),
    );
    this.events.appended(record.length);
  }

  /** Ends the record under way. Its turns are written already, and fields may come in any order. */
  #record(): Buffer {
    const { beginning } = this;
    this.beginning = undefined;
    LogRecord.write(this.#writer, { turns: [], wallTime: Date.now(), outputs: this.#outputs.take(), beginning });
    return this.#writer.take();
  }

  #durable(position: number): void {
    this.#kept = position;
    for (const run of this.#records.shift()!) run();
    if (this.#records.length === 0) this.#settle();
  }

  #settle(): void {
    for (const run of this.#idle.splice(0)) run();
  }

  #fail(error: ManagerError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#settle();
    this.events.failed(error);
  }

  /** Resolves once everything so far is durable, and has left, or once the log has failed. */
  async flushed(): Promise<void> {
    this.#append();
    if (this.#records.length > 0 && !this.#failed) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
