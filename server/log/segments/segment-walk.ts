import { checksum } from './checksum.js';
import { FileDescriptor, readUpTo } from './files.js';
import {
  FIRST_RECORD,
  isSealed,
  looksLikeHeader,
  MARK,
  readHeader,
  RECORD_HEADER,
  recordSize,
  viewOf,
  type BlockHeader,
  type SegmentHeader,
} from './format.js';

/** A segment that has been written to. */
export interface Segment extends SegmentHeader {
  /** Name of its file. */
  readonly file: string;
  readonly path: string;
  readonly size: number;
}

/** Bytes that are read at a time. */
const CHUNK = 1 << 20;

/** Goes through the records of a segment, in order. Reads by calls that block, a mebibyte at a time. */
export class SegmentWalk implements Disposable {
  readonly #file: FileDescriptor;
  /** Records before this position may be missing. */
  readonly #needed: number;
  /** Position of the next record. */
  #expected: number;
  /** Least epoch of the next record. */
  #epoch: number;
  /** Offset of the next record. */
  #offset = FIRST_RECORD;
  #header: BlockHeader | undefined;
  /** True if a mark stands at the offset. */
  #marked = false;
  #body: Uint8Array = new Uint8Array(0);
  #durable: number;
  /** The part of the file that begins at #start. */
  #chunk: Uint8Array = new Uint8Array(0);
  #view = viewOf(this.#chunk);
  #start = 0;

  /** @param needed position of the first record that is needed: damage before it is passed over */
  constructor(
    readonly segment: Segment,
    needed = segment.first,
  ) {
    this.#needed = needed;
    this.#file = FileDescriptor.open(segment.path, 'r');
    this.#expected = segment.first;
    this.#epoch = segment.epoch;
    // A segment is begun after the one before it was flushed.
    this.#durable = segment.first - 1;
  }

  /** Position of the record that `next` found last; one less than that of the first record before. */
  get position(): number {
    return this.#expected - 1;
  }

  /** Epoch of that record. */
  get epoch(): number {
    return this.#epoch;
  }

  get format(): number {
    return this.#header!.format;
  }

  /** Its bytes, in a buffer that is not reused. */
  get bytes(): Uint8Array {
    return this.#body;
  }

  /** Offset behind it. */
  get offset(): number {
    return this.#offset;
  }

  /** Every record up to this position is known to have been durable. */
  get durable(): number {
    return this.#durable;
  }

  /**
   * Goes to the next record. Returns false if there is no complete one behind the last. Looks again then: a leader may be writing it.
   */
  next(): boolean {
    if (this.#advance()) return true;
    this.#forget();
    if (this.#advance()) return true;
    while (this.#expected < this.#needed && this.#skip()) if (this.#advance()) return true;
    return false;
  }

  /** Goes to the next place where a record begins that is not needed, or the first that is. Returns false if there is none. */
  #skip(): boolean {
    const expectation = { salt: this.segment.salt, expected: this.#expected + 1, epoch: this.#epoch };
    for (const { offset, header } of laterBlocks(this.#file.fd, this.segment.size, this.#offset, expectation)) {
      if (header.position > this.#needed || (header.kind === MARK && header.position < this.#needed)) continue;
      this.#offset = offset;
      this.#expected = header.position;
      this.#forget();
      return true;
    }
    return false;
  }

  #advance(): boolean {
    const header = this.#readHeader();
    this.#marked = false;
    if (header?.position !== this.#expected || header.epoch < this.#epoch) return false;
    if (header.kind === MARK) {
      this.#marked = true;
      // Blocks of earlier leaders behind it were cut off.
      this.#epoch = header.epoch;
      this.#durable = Math.max(this.#durable, header.durable);
      return false;
    }
    if (!this.#readBody(header)) return false;
    this.#header = header;
    this.#expected++;
    this.#epoch = header.epoch;
    this.#durable = Math.max(this.#durable, header.durable);
    this.#offset += recordSize(header.length);
    return true;
  }

  /** Returns the header at the offset, if its checksum is right. */
  #readHeader(): BlockHeader | undefined {
    const at = this.#load(RECORD_HEADER);
    if (at === undefined || !looksLikeHeader(this.#chunk, at)) return undefined;
    if (!isSealed(this.#chunk, this.#view, at, at + RECORD_HEADER, this.segment.salt)) return undefined;
    return readHeader(this.#view, at);
  }

  #readBody({ length }: BlockHeader): boolean {
    const at = this.#load(RECORD_HEADER + length);
    if (at === undefined) return false;
    const [start, end] = [at + RECORD_HEADER, at + RECORD_HEADER + length];
    if (this.#view.getUint32(at + 4, true) !== checksum(this.#chunk, start, end, this.segment.salt)) return false;
    this.#body = this.#chunk.subarray(start, end);
    return true;
  }

  /** Has a number of bytes from the offset on in the chunk. Returns their place there; undefined if the file ends before. */
  #load(length: number): number | undefined {
    const at = this.#offset - this.#start;
    if (at + length <= this.#chunk.length) return at;
    if (this.#offset + length > this.segment.size) return undefined;
    this.#chunk = readUpTo(this.#file.fd, Math.min(Math.max(length, CHUNK), this.segment.size - this.#offset), this.#offset);
    this.#view = viewOf(this.#chunk);
    this.#start = this.#offset;
    return length <= this.#chunk.length ? 0 : undefined;
  }

  #forget(): void {
    this.#chunk = this.#chunk.subarray(0, 0);
  }

  /** Describes the bytes behind the last record. */
  remains(): Remains {
    const from = this.#offset + (this.#marked ? RECORD_HEADER : 0);
    const expectation = { salt: this.segment.salt, expected: this.#expected, epoch: this.#epoch };
    return scanRemains(this.#file.fd, this.segment.size, from, expectation, this.#marked);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** The bytes behind the last complete record. */
export interface Remains {
  /** Size of parts of records and of complete ones behind them; 0 if the log ends in order. */
  readonly bytes: number;
  /** Every record up to this position was durable, as a block says that stands there; 0 if none does. */
  readonly durable: number;
}

/** The record that is expected. Without a salt, checksums of headers are not compared. */
export interface Expectation {
  readonly salt: number | undefined;
  readonly expected: number;
  readonly epoch: number;
}

/**
 * Searches for blocks of the log behind a place where the expected record is missing. Reads to the end of the file.
 * @param ended true if the log is known to end there
 */
export function scanRemains(fd: number, size: number, from: number, expectation: Expectation, ended: boolean): Remains {
  let durable = 0;
  const isClean = ended || readUpTo(fd, Math.min(RECORD_HEADER, size - from), from).every((byte) => byte === 0);
  let end = isClean ? from : Math.min(from + RECORD_HEADER, size);
  for (const { offset, header } of laterBlocks(fd, size, from, expectation)) {
    durable = Math.max(durable, header.durable);
    end = Math.max(end, Math.min(offset + recordSize(header.length), size));
  }
  return { bytes: end - from, durable };
}

/** Finds the blocks of a file that belong to the log behind the expected record, or that record's own header. */
function* laterBlocks(
  fd: number,
  size: number,
  from: number,
  expectation: Expectation,
): Generator<{ offset: number; header: BlockHeader }> {
  const { salt, expected, epoch } = expectation;
  for (let start = from; start + RECORD_HEADER <= size; start += CHUNK) {
    const chunk = readUpTo(fd, Math.min(CHUNK + RECORD_HEADER, size - start), start);
    const view = viewOf(chunk);
    const last = Math.min(CHUNK - 8, chunk.length - RECORD_HEADER);
    for (let at = 0; at <= last; at += 8) {
      if (!looksLikeHeader(chunk, at)) continue;
      const header = readHeader(view, at);
      // Blocks from an earlier use of the file, or that were cut off before, have lower positions or epochs.
      if (header.position < expected || header.position - expected > size / RECORD_HEADER || header.epoch < epoch) continue;
      if (salt === undefined || isSealed(chunk, view, at, at + RECORD_HEADER, salt)) yield { offset: start + at, header };
    }
  }
}
