import { fdatasyncSync, fsyncSync, ftruncateSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../failpoint.js';
import { FileDescriptor, spareName, unfinishedName, writeAll } from './files.js';
import type { SegmentSizes } from './writer-messages.js';

/** Bytes that are filled with zeros at a time. No append waits longer than for this. */
const PORTION = 1 << 19;
/** Number of spare segments that are kept. */
const MOST_SPARES = 4;

/** A file that is to become a segment. */
export interface Spare {
  readonly path: string;
  readonly size: number;
  /** True if it has bytes of an earlier use. */
  readonly used: boolean;
}

/** A file that is being filled with zeros. */
interface FillingFile {
  readonly file: FileDescriptor;
  readonly path: string;
  readonly size: number;
  filled: number;
}

/**
 * Files that are ready to become segments. A file that is full of zeros, or was used before, has its blocks on the disk: writing to it
 * changes no metadata, so that a flush has half as much to do.
 */
export class Spares {
  readonly #directory: string;
  readonly #sizes: SegmentSizes;
  #ready: Spare[];
  #serial: number;
  /** Size of the next segment. */
  #wanted: number;
  /** The file that is being filled. */
  #filling: FillingFile | undefined;
  /** True if filling failed. The next segment is made as it is needed. */
  #failed = false;

  constructor(directory: string, sizes: SegmentSizes, found: readonly { number: number; size: number }[], current: number | undefined) {
    this.#directory = directory;
    this.#sizes = sizes;
    this.#ready = found.map(({ number, size }) => ({ path: join(directory, spareName(number)), size, used: true }));
    this.#serial = Math.max(0, ...found.map(({ number }) => number));
    this.#wanted = this.#after(current);
    this.#discardSmall();
  }

  #after(size: number | undefined): number {
    return size === undefined ? this.#sizes.first : Math.min(2 * size, this.#sizes.largest);
  }

  /** True if no file for the next segment is ready, and one can be prepared. */
  get isLacking(): boolean {
    return !this.#failed && !this.#ready.some(({ size }) => size >= this.#wanted);
  }

  /** True if it is time for a portion: the next segment is to be ready when three quarters of the present one are full. */
  isBehind(fullness: number): boolean {
    const progress = this.#filling === undefined ? 0 : this.#filling.filled / this.#filling.size;
    return this.isLacking && progress * 0.75 < fullness;
  }

  /** Prepares a portion of the next segment. A failure is that of no append. */
  prepare(): void {
    try {
      this.#prepare();
    } catch {
      this.#failed = true;
      this.#abandon();
    }
  }

  /** Prepares the whole of the next segment, in place of files that may not have their blocks. @throws the error of the system */
  reserve(): void {
    for (const { path } of this.#ready.splice(0)) rmSync(path);
    try {
      while (this.isLacking) this.#prepare();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  #prepare(): void {
    failpoint('segment.prepare');
    this.#fill((this.#filling ??= this.#create(this.#wanted)));
  }

  #create(size: number): FillingFile {
    const path = join(this.#directory, spareName(++this.#serial));
    return { file: FileDescriptor.open(unfinishedName(path), 'w'), path, size, filled: 0 };
  }

  #fill(filling: FillingFile): void {
    const { file, path, size, filled } = filling;
    const portion = new Uint8Array(Math.min(PORTION, size - filled));
    writeAll(file.fd, portion, filled);
    fdatasyncSync(file.fd);
    filling.filled += portion.length;
    if (filling.filled < size) return;
    file[Symbol.dispose]();
    this.#filling = undefined;
    renameSync(unfinishedName(path), path);
    this.#ready.push({ path, size, used: false });
  }

  #abandon(): void {
    this.#filling?.file[Symbol.dispose]();
    if (this.#filling !== undefined) rmSync(unfinishedName(this.#filling.path), { force: true });
    this.#filling = undefined;
  }

  /** Returns a file with that many bytes. If none is ready it is one without blocks, which is slower to write to but made at once. */
  take(least: number): Spare {
    const size = Math.max(this.#wanted, least);
    const fitting = this.#ready.filter((spare) => spare.size >= size).sort((one, other) => one.size - other.size)[0];
    if (fitting !== undefined) this.#ready = this.#ready.filter((spare) => spare !== fitting);
    const taken = fitting ?? this.#sparse(size);
    this.#failed = false;
    this.#wanted = this.#after(taken.size);
    this.#discardSmall();
    return taken;
  }

  #discardSmall(): void {
    for (const { path } of this.#ready.filter(({ size }) => size < this.#wanted)) rmSync(path);
    this.#ready = this.#ready.filter(({ size }) => size >= this.#wanted);
    if (this.#filling !== undefined && this.#filling.size < this.#wanted) this.#abandon();
  }

  #sparse(size: number): Spare {
    const path = join(this.#directory, unfinishedName(spareName(++this.#serial)));
    using file = FileDescriptor.open(path, 'w');
    ftruncateSync(file.fd, size);
    fsyncSync(file.fd);
    return { path, size, used: false };
  }

  /** Takes over the file of a dropped segment. Returns false if there are enough. */
  recycle(path: string, size: number): boolean {
    if (this.#ready.length >= MOST_SPARES || size < this.#wanted) return false;
    const spare = join(this.#directory, spareName(++this.#serial));
    renameSync(path, spare);
    this.#ready.push({ path: spare, size, used: true });
    return true;
  }

  close(): void {
    this.#abandon();
  }
}
