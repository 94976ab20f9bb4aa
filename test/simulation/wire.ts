import type { EventLoop } from './event-loop.js';
import type { SimulatedTime } from './time.js';

/** Delays of a network in milliseconds: usually at most `usual`, now and then up to `late`. */
export interface Latency {
  readonly usual: number;
  readonly late: number;
}

/** One thing under way: bytes, or an event of the connection, such as a ping or its end. */
interface Parcel {
  at: number;
  bytes: Buffer | undefined;
  size: number;
  readonly event: (() => void) | undefined;
  lost: boolean;
}

/** A message that the sender's system has not taken yet. */
interface Unsent {
  /** Bytes that the receiver must have read before it is taken. */
  readonly after: number;
  readonly taken: () => void;
}

/**
 * One direction of a connection: a stream of bytes that arrive late, in pieces, in order, up to the point where a cut ends it. Each side's
 * system keeps some bytes; beyond them the sender has to wait.
 */
export class Wire {
  readonly #parcels: Parcel[] = [];
  #lastAt = 0;
  /** Bytes that were sent, and bytes that the receiver has read. */
  #sent = 0;
  #read = 0;
  readonly #unsent: Unsent[] = [];
  #full = false;
  #stopsAt = Infinity;
  /** Parcels that arrived while the receiver does not read. */
  #held: Parcel[] | undefined;
  #closed = false;

  constructor(
    private readonly time: SimulatedTime,
    private readonly from: EventLoop,
    private readonly to: EventLoop,
    private readonly latency: Latency,
    /** Bytes that the systems of both sides keep. */
    private readonly capacity: number,
    private readonly receive: (bytes: Buffer) => void,
    private readonly drained: () => void,
  ) {}

  /** Bytes that the sender's system has not taken. */
  get unsent(): number {
    return Math.max(0, this.#sent - this.#read - this.capacity);
  }

  /** Sends bytes. Returns false if the sender should wait until `drained`. Calls `taken` once the system of the sender has them. */
  send(bytes: Buffer, taken?: () => void): boolean {
    // The receiver gets bytes of its own.
    const copy = Buffer.from(bytes);
    const split = this.from.draw(8) === 0 ? this.from.draw(copy.length) : 0;
    if (split > 0) this.#add(copy.subarray(0, split), undefined);
    this.#add(copy.subarray(split), undefined);
    this.#sent += bytes.length;
    if (taken) this.#unsent.push({ after: this.#sent - this.capacity, taken });
    this.#settle();
    if (this.unsent > 0) this.#full = true;
    return !this.#full;
  }

  /** Has an event happen at the receiver, after what was sent before. */
  signal(event: () => void, extra = 0): void {
    this.#add(undefined, event, extra);
  }

  /** Nothing arrives any more after a time. Bytes that are under way at that moment may arrive in part. */
  stop(at: number): void {
    this.#stopsAt = Math.min(this.#stopsAt, at);
    const first = this.#parcels.find((parcel) => parcel.at > this.#stopsAt);
    for (const parcel of this.#parcels) if (parcel.at > this.#stopsAt) parcel.lost = true;
    const part = first?.bytes && this.from.draw(first.bytes.length);
    if (first === undefined || !part) return;
    first.bytes = first.bytes!.subarray(0, part);
    first.lost = false;
    first.at = this.#stopsAt;
    this.to.post(first.at, () => this.#arrive(first));
  }

  /** The receiver does not read any more. */
  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.to.post(this.time.now, () => {
      for (const parcel of held) this.#deliver(parcel);
    });
  }

  /** The connection is over for the receiver, or for the sender: nothing happens any more at either. */
  close(): void {
    this.#closed = true;
  }

  #add(bytes: Buffer | undefined, event: (() => void) | undefined, extra = 0): void {
    const at = Math.max(this.#lastAt, this.time.now + this.#delay() + extra);
    this.#lastAt = at;
    const parcel: Parcel = { at, bytes, size: bytes?.length ?? 0, event, lost: at > this.#stopsAt };
    if (parcel.lost) return;
    this.#parcels.push(parcel);
    this.to.post(at, () => this.#arrive(parcel));
  }

  #delay(): number {
    const { usual, late } = this.latency;
    const most = this.from.draw(50) === 0 ? late : usual;
    return (this.from.draw(1000) / 1000) * most;
  }

  #arrive(parcel: Parcel): void {
    if (parcel.lost || this.#closed) return;
    const index = this.#parcels.indexOf(parcel);
    // It has arrived before, in part or with others.
    if (index < 0) return;
    this.#parcels.splice(index, 1);
    if (parcel.bytes) while (this.#isReady(this.#parcels[0])) join(parcel, this.#parcels.shift()!);
    this.#deliver(parcel);
  }

  /** True for bytes that are there as well: they are read together. */
  #isReady(next: Parcel | undefined): boolean {
    return next?.bytes !== undefined && !next.lost && next.at <= this.time.now;
  }

  #deliver(parcel: Parcel): void {
    if (this.#closed) return;
    if (this.#held !== undefined) return void this.#held.push(parcel);
    this.#read += parcel.size;
    if (parcel.bytes) this.receive(parcel.bytes);
    else parcel.event!();
    this.#settle();
  }

  /** Tells the sender what its system has taken by now. */
  #settle(): void {
    while (this.#unsent.length > 0 && this.#unsent[0]!.after <= this.#read) this.from.post(this.time.now, this.#unsent.shift()!.taken);
    if (!this.#full || this.unsent > 0) return;
    this.#full = false;
    this.from.post(this.time.now, () => !this.#closed && this.drained());
  }
}

function join(first: Parcel, next: Parcel): void {
  first.bytes = Buffer.concat([first.bytes!, next.bytes!]);
  first.size += next.size;
}
