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

/** Time after which turns that only read are appended if nothing else is, in milliseconds. */
const LATER_MS = 50;

/** Events of a {@link TurnLog}. */
export interface TurnLogEvents {
  /** More is durable, in bytes. */
  kept(bytes: number): void;
  /** A record could not be kept. Nothing that depends on it is sent, and no later record is kept. */
  failed(error: ManagerError): void;
}

/**
 * Writes the turns of a machine into a log, and holds back what the machine sends until its turns are durable. The turns of one turn of the
 * event loop are one record; while records are on their way to the disk, the next ones follow them, and are flushed together. Turns that only
 * read wait for others with which they can be appended, and their outputs do not wait for them.
 */
export class TurnLog implements Recorder {
  readonly #writer = new Writer();
  readonly #outputs = new OutputSum();
  /** Sends of the turn under way. */
  #ofTurn: (() => void)[] = [];
  /** Sends that may happen once the record under way is durable. */
  #held: (() => void)[] = [];
  /** Sends that may happen with each record that is on its way, in their order. */
  readonly #records: (() => void)[][] = [];
  /** True if the record under way is appended at the end of the turn of the event loop. */
  #scheduled = false;
  #later: NodeJS.Timeout | undefined;
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

  turn(turn: Turn, onlyRead: boolean): void {
    if (this.#ended || this.#failed) return;
    writeTurn(this.#writer, turn);
    if (!onlyRead) this.#scheduled ||= this.#schedule();
    this.#releaseTurn();
    if (this.#writer.size >= LARGE) this.#append();
    else if (!this.#scheduled) this.#later ??= setTimeout(() => this.#append(), LATER_MS).unref();
  }

  #releaseTurn(): void {
    if (this.#ofTurn.length === 0) return;
    const released = this.#ofTurn;
    this.#ofTurn = [];
    for (const run of released) this.#hold(run);
  }

  /**
   * Runs something once all that the machine did so far is durable, after everything that was held back before. During a turn that only reads, all that
   * it did before.
   */
  release(run: () => void): void {
    if (!this.holds) return run();
    if (this.clock.inTurn) this.#ofTurn.push(run);
    else {
      if (this.#writer.size > 0) this.#scheduled ||= this.#schedule();
      this.#hold(run);
    }
  }

  /** Runs something once all turns are durable that did not only read. */
  #hold(run: () => void): void {
    const open = this.#scheduled ? this.#held : this.#records.at(-1);
    if (open !== undefined) open.push(run);
    else if (!this.#failed) run();
  }

  /** Writes no further turn: users' code that still runs may end after the log is given back, and has failed at the next start. */
  end(): void {
    this.#ended = true;
  }

  #schedule(): true {
    setImmediate(() => this.#append());
    return true;
  }

  #append(): void {
    this.#scheduled = false;
    clearTimeout(this.#later);
    this.#later = undefined;
    if (this.#writer.size === 0 || this.#ended || this.#failed) return;
    const record = this.#record();
    const held = this.#held;
    this.#held = [];
    this.#records.push(held);
    this.leader.append(record).then(
      (position) => this.#durable(position, record.length),
      (error: unknown) => this.#fail(error as ManagerError),
    );
  }

  /** Ends the record under way. Its turns are written already, and fields may come in any order. */
  #record(): Buffer {
    const { beginning } = this;
    this.beginning = undefined;
    LogRecord.write(this.#writer, { turns: [], wallTime: Date.now(), outputs: this.#outputs.take(), beginning });
    return this.#writer.take();
  }

  #durable(position: number, bytes: number): void {
    this.#kept = position;
    for (const run of this.#records.shift()!) run();
    this.events.kept(bytes);
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
