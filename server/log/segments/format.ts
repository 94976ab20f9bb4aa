/**
 * The layout of the files of a log, in little endian. Each block begins with a CRC-32 of the rest of it.
 *
 * A segment has its header twice, in two sectors, so that one flipped bit or one lost sector costs nothing; then records. A record is a
 * header and bytes, padded to 8. Its checksums begin with the salt of its segment, which is random: bytes of users that a recycled segment
 * still contains cannot pass for a record.
 */
import { checksum } from './checksum.js';

/** Version of this layout. */
export const LAYOUT = 1;
/** Offset of the second copy of a header: another sector of the disk. */
const SECOND_COPY = 2048;
/** Offset of the first record of a segment. */
export const FIRST_RECORD = 4096;
export const RECORD_HEADER = 40;
/** The largest record, in bytes. */
export const RECORD_LIMIT = 2 ** 30;

/** A block that carries an append. */
export const RECORD = 1;
/** A block at the end of the log, which tells how much of it was durable. The next record overwrites it. */
export const MARK = 2;

const SIGN = 0xc4;
const SEGMENT_MAGIC = 0x474c4843;
const CONTROL_MAGIC = 0x54434843;
const COPY_SIZE = 64;

/** Returns the size of a record with its header and padding. */
export function recordSize(length: number): number {
  return (RECORD_HEADER + length + 7) & ~7;
}

/** Writes an integer of up to 53 bits. */
export function setInteger(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

export function getInteger(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Puts the checksum of a block in front of it. @param end where the block ends */
export function seal(bytes: Uint8Array, view: DataView, at: number, end: number, salt = 0): void {
  view.setUint32(at, checksum(bytes, at + 4, end, salt), true);
}

export function isSealed(bytes: Uint8Array, view: DataView, at: number, end: number, salt = 0): boolean {
  return view.getUint32(at, true) === checksum(bytes, at + 4, end, salt);
}

/** The fields of a block of the log, record or mark. */
export interface BlockHeader {
  readonly kind: number;
  readonly length: number;
  readonly format: number;
  readonly position: number;
  readonly epoch: number;
  /** Every record up to this position was durable when the block was written. */
  readonly durable: number;
}

/** Writes the header of a block in front of its bytes. */
export function writeHeader(bytes: Uint8Array, view: DataView, at: number, header: BlockHeader, bodyCrc: number, salt: number): void {
  view.setUint32(at + 4, bodyCrc, true);
  view.setUint32(at + 8, header.length, true);
  view.setUint16(at + 12, header.format, true);
  view.setUint8(at + 14, header.kind);
  view.setUint8(at + 15, SIGN);
  setInteger(view, at + 16, header.position);
  setInteger(view, at + 24, header.epoch);
  setInteger(view, at + 32, header.durable);
  seal(bytes, view, at, at + RECORD_HEADER, salt);
}

/** Returns true if the bytes look like the header of a block. It is one if {@link isSealed} says so. */
export function looksLikeHeader(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 15] === SIGN && (bytes[at + 14] === RECORD || bytes[at + 14] === MARK);
}

export function readHeader(view: DataView, at: number): BlockHeader {
  return {
    length: view.getUint32(at + 8, true),
    format: view.getUint16(at + 12, true),
    kind: view.getUint8(at + 14),
    position: getInteger(view, at + 16),
    epoch: getInteger(view, at + 24),
    durable: getInteger(view, at + 32),
  };
}

/** The header of a segment. */
export interface SegmentHeader {
  readonly number: number;
  /** Position of its first record. */
  readonly first: number;
  /** Epoch of the leader that began it. */
  readonly epoch: number;
  readonly salt: number;
}

/** Returns the part of a segment in front of its first record. */
export function segmentHead({ number, first, epoch, salt }: SegmentHeader): Uint8Array {
  return twoCopies(FIRST_RECORD, SEGMENT_MAGIC, (view) => {
    view.setUint32(12, salt, true);
    setInteger(view, 16, number);
    setInteger(view, 24, first);
    setInteger(view, 32, epoch);
  });
}

/** Returns the header of the segment with that number; undefined if the file does not have one, such as before its first use. */
export function readSegmentHead(bytes: Uint8Array, number: number): SegmentHeader | undefined {
  return soundCopies(bytes, SEGMENT_MAGIC)
    .map((view) => ({
      salt: view.getUint32(12, true),
      number: getInteger(view, 16),
      first: getInteger(view, 24),
      epoch: getInteger(view, 32),
    }))
    .find((header) => header.number === number);
}

/** The content of the file `control`: facts about the log that must not be lost with a segment. */
export interface Control {
  /** Epoch of the latest leader. */
  readonly epoch: number;
  /** Number of a segment that was written to, at least: the newest or the one before. */
  readonly newest: number;
}

export function controlBlock({ epoch, newest }: Control): Uint8Array {
  return twoCopies(FIRST_RECORD, CONTROL_MAGIC, (view) => {
    setInteger(view, 16, epoch);
    setInteger(view, 24, newest);
  });
}

/** Returns undefined if both copies are damaged. */
export function readControlBlock(bytes: Uint8Array): (Control & { readonly layout: number }) | undefined {
  return soundCopies(bytes, CONTROL_MAGIC)
    .map((view) => ({ layout: view.getUint32(8, true), epoch: getInteger(view, 16), newest: getInteger(view, 24) }))
    .reduce<(Control & { layout: number }) | undefined>(
      (best, copy) => (best === undefined || copy.epoch > best.epoch || copy.newest > best.newest ? copy : best),
      undefined,
    );
}

function twoCopies(size: number, magic: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  const copy = bytes.subarray(0, COPY_SIZE);
  const view = viewOf(copy);
  view.setUint32(4, magic, true);
  view.setUint32(8, LAYOUT, true);
  fill(view);
  seal(copy, view, 0, COPY_SIZE);
  bytes.set(copy, SECOND_COPY);
  return bytes;
}

function soundCopies(bytes: Uint8Array, magic: number): DataView[] {
  return [0, SECOND_COPY]
    .filter((at) => bytes.length >= at + COPY_SIZE)
    .map((at) => bytes.subarray(at, at + COPY_SIZE))
    .filter((copy) => isSealed(copy, viewOf(copy), 0, COPY_SIZE))
    .map(viewOf)
    .filter((view) => view.getUint32(4, true) === magic);
}
