/**
 * Carries appends from the leader's thread to the thread that writes, in shared memory. Each entry lies there as it will lie in a segment,
 * with room for its header, so that the bytes are copied once, and neighbours are written by one call.
 */
import { RECORD_HEADER, recordSize } from './format.js';

/** An append, with its bytes. */
export const ENTRY_RECORD = 1;
/** An append; its bytes are the next message of the port. */
export const ENTRY_LARGE = 2;
/** An order; it is the next message of the port. */
export const ENTRY_ORDER = 3;
/** The next entry is at the beginning. */
const ENTRY_WRAP = 4;

/** Size of the ring's data. */
const CAPACITY = 1 << 22;
/** Larger records are sent by the port. */
export const LARGEST_IN_RING = 1 << 18;

/** Words in front of the data. */
/** Bytes that were put, modulo 2^32. */
const HEAD = 0;
/** Bytes with room again. */
const TAIL = 1;
/** 1 while the consumer sleeps. */
const ASLEEP = 2;
/** Number of appends that are done, modulo 2^32. */
const DONE = 3;
/** 1 if the producer was told of it, or has not asked. */
const TOLD = 4;
const CONTROL_BYTES = 64;

/** Offsets in an entry. The header of the record replaces them. */
const LENGTH = 8;
const KIND = 12;

export function createRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + CAPACITY);
}

abstract class RingSide {
  protected readonly words: Int32Array;
  readonly view: DataView;
  readonly bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.view = new DataView(memory, CONTROL_BYTES);
  }
}

/** The side of the leader's thread. */
export class RingProducer extends RingSide {
  #head = 0;
  #done = 0;

  /** Adds an append. Returns false if there is no room. */
  putRecord(record: Uint8Array): boolean {
    const at = this.#reserve(recordSize(record.length));
    if (at === undefined) return false;
    this.bytes.set(record, at + RECORD_HEADER);
    this.#publish(at, ENTRY_RECORD, record.length);
    return true;
  }

  /** Adds an entry of which the port has the rest. @param send puts that there; not called if there is no room */
  putMessage(kind: typeof ENTRY_LARGE | typeof ENTRY_ORDER, send: () => void): boolean {
    const at = this.#reserve(RECORD_HEADER);
    if (at === undefined) return false;
    send();
    this.#publish(at, kind, 0);
    return true;
  }

  /** Is not told of appends that are done until it asks. */
  mute(): void {
    Atomics.store(this.words, TOLD, 1);
  }

  /** Asks to be told when more appends are done. */
  askForProgress(): void {
    Atomics.store(this.words, TOLD, 0);
  }

  /** Returns the number of appends that were done since the last call. */
  takeDone(): number {
    const done = Atomics.load(this.words, DONE);
    const count = (done - this.#done) >>> 0;
    this.#done = done;
    return count;
  }

  #reserve(size: number): number | undefined {
    const used = (this.#head - Atomics.load(this.words, TAIL)) >>> 0;
    const at = (this.#head >>> 0) % CAPACITY;
    const rest = CAPACITY - at;
    const skipped = rest < size ? rest : 0;
    if (used + skipped + size > CAPACITY) return undefined;
    if (skipped === 0) return at;
    if (rest >= RECORD_HEADER) this.view.setUint32(at + KIND, ENTRY_WRAP, true);
    this.#head = (this.#head + skipped) | 0;
    return 0;
  }

  #publish(at: number, kind: number, length: number): void {
    this.view.setUint32(at + LENGTH, length, true);
    this.view.setUint32(at + KIND, kind, true);
    this.#head = (this.#head + recordSize(length)) | 0;
    Atomics.store(this.words, HEAD, this.#head);
    if (Atomics.load(this.words, ASLEEP) === 1) Atomics.notify(this.words, HEAD);
  }
}

/** The side of the thread that writes. */
export class RingConsumer extends RingSide {
  /** Bytes that were seen. */
  #seen = 0;
  /** The entry that `advance` found last: its kind, its offset, and the length of its record. */
  kind = 0;
  at = 0;
  length = 0;

  /** Bytes that were put. */
  get head(): number {
    return Atomics.load(this.words, HEAD);
  }

  /** Goes to the next entry. Returns false if all that were put when `head` was read were seen. */
  advance(head: number): boolean {
    if (this.#seen === head) return false;
    let at = (this.#seen >>> 0) % CAPACITY;
    const rest = CAPACITY - at;
    if (rest < RECORD_HEADER || this.view.getUint32(at + KIND, true) === ENTRY_WRAP) {
      this.#seen = (this.#seen + rest) | 0;
      at = 0;
    }
    this.kind = this.view.getUint32(at + KIND, true);
    this.length = this.view.getUint32(at + LENGTH, true);
    this.at = at;
    this.#seen = (this.#seen + recordSize(this.length)) | 0;
    return true;
  }

  /** Gives the room of all entries that were seen back. */
  release(): void {
    Atomics.store(this.words, TAIL, this.#seen);
  }

  /** Sleeps until more is put. Returns false if that takes longer. */
  wait(head: number, ms: number): boolean {
    Atomics.store(this.words, ASLEEP, 1);
    const how = Atomics.wait(this.words, HEAD, head, ms);
    Atomics.store(this.words, ASLEEP, 0);
    return how !== 'timed-out';
  }

  /** Adds to the count of appends that are done, and returns true if the producer has to be told. */
  complete(count: number): boolean {
    Atomics.add(this.words, DONE, count);
    return Atomics.exchange(this.words, TOLD, 1) === 0;
  }
}
