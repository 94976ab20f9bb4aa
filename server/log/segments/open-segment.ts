import { fdatasyncSync } from 'node:fs';
import { failpoint } from '../failpoint.js';
import { FileDescriptor, readUpTo, writeAll } from './files.js';
import { RECORD_HEADER } from './format.js';

/** Bytes that are copied at a time. */
const CHUNK = 1 << 20;
const ZEROS = new Uint8Array(RECORD_HEADER);

/** The segment that is written to. Collects pieces, and writes them together. */
export class OpenSegment {
  readonly #file: FileDescriptor;
  /** Offset of the first byte that is not written. */
  #written: number;
  /** Offset of the next record. */
  #offset: number;
  #pieces: Uint8Array[] = [];
  #flushed = true;

  constructor(
    readonly number: number,
    path: string,
    readonly size: number,
    readonly salt: number,
    offset: number,
    /** True if bytes behind the end may not be zero. */
    private readonly used: boolean,
  ) {
    this.#file = FileDescriptor.open(path, 'r+');
    this.#written = this.#offset = offset;
  }

  /** Part of the segment that has records, from 0 to 1. */
  get fullness(): number {
    return this.#offset / this.size;
  }

  /** True if everything that was written is on the disk. */
  get isFlushed(): boolean {
    return this.#flushed;
  }

  /** True if a record of that size has room. There is always room for a mark behind it. */
  fits(size: number): boolean {
    return this.#offset + size + RECORD_HEADER <= this.size;
  }

  /** Adds bytes behind all others. They must not change until they are written. */
  add(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    const last = this.#pieces.at(-1);
    // Neighbours in the ring are one piece.
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#pieces[this.#pieces.length - 1] = new Uint8Array(bytes.buffer, last.byteOffset, last.length + bytes.length);
    } else this.#pieces.push(bytes);
  }

  /** Writes the pieces. */
  write(): void {
    if (this.#pieces.length === 0) return;
    failpoint('log.write');
    for (const piece of this.#pieces) {
      writeAll(this.#file.fd, piece, this.#written);
      this.#written += piece.length;
    }
    // Without them, bytes of an earlier use would look like a record that was torn.
    if (this.used) writeAll(this.#file.fd, ZEROS, this.#written);
    this.#pieces = [];
    this.#flushed = false;
    failpoint('log.written');
  }

  /** Writes a block that the next record replaces. */
  writeMark(mark: Uint8Array): void {
    writeAll(this.#file.fd, mark, this.#written);
    this.#flushed = false;
  }

  /** Writes the bytes from an offset on once more, since the system may take them for written although they are not on the disk. */
  rewrite(from: number): void {
    for (let at = from; at < this.#written; at += CHUNK) {
      writeAll(this.#file.fd, readUpTo(this.#file.fd, Math.min(CHUNK, this.#written - at), at), at);
      this.#flushed = false;
    }
  }

  /** Fills the rest with zeros, so that it has its blocks. @throws the error of the system, if there are not enough */
  reserve(): void {
    for (let at = this.#written; at < this.size; at += CHUNK) writeAll(this.#file.fd, new Uint8Array(Math.min(CHUNK, this.size - at)), at);
    this.#flushed = false;
  }

  flush(): void {
    if (this.#flushed) return;
    failpoint('log.flush');
    fdatasyncSync(this.#file.fd);
    this.#flushed = true;
    failpoint('log.flushed');
  }

  close(): void {
    this.#file[Symbol.dispose]();
  }
}
