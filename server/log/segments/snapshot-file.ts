/**
 * A snapshot file: a header, chunks with a header each, and an end with the number of chunks and bytes. Every header has its checksum in
 * front, and the checksum of a chunk's bytes in it.
 */
import { fsyncSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../failpoint.js';
import { OutOfRangeError } from '../../../proto/errors.js';
import type { LogSnapshot } from '../log-store.js';
import { checksum } from './checksum.js';
import { LogDamage } from './damage.js';
import { FileDescriptor, isMissing, listFiles, readUpTo, snapshotName, unfinishedName, writeAll } from './files.js';
import { getInteger, isSealed, seal, setInteger, viewOf } from './format.js';

const MAGIC = 0x534e4843;
/** Size of the header, and of the end. */
const FRAME = 40;
const CHUNK_HEADER = 24;
/** The largest chunk of a file: larger ones are divided. */
const LARGEST_CHUNK = 1 << 22;

/** Kinds of blocks. */
const HEADER = 1;
const CHUNK = 2;
const END = 3;

/**
 * Writes a snapshot that does not count yet, and flushes it. Any thread of the leader's process may do this.
 * @param format number of the engine's format
 */
export async function writeSnapshot(directory: string, position: number, chunks: AsyncIterable<Uint8Array>, format: number): Promise<void> {
  using file = FileDescriptor.open(join(directory, unfinishedName(snapshotName(position))), 'w');
  let offset = 0;
  const write = (bytes: Uint8Array): void => {
    failpoint('snapshot.write');
    writeAll(file.fd, bytes, offset);
    offset += bytes.length;
  };
  write(frame({ kind: HEADER, format, position, count: 0, bytes: 0 }));
  let count = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += LARGEST_CHUNK) {
      const part = chunk.subarray(start, start + LARGEST_CHUNK);
      write(chunkHeader(part, count++));
      write(part);
    }
  }
  write(frame({ kind: END, format, position, count, bytes: offset }));
  failpoint('snapshot.written');
  fsyncSync(file.fd);
}

/** The fields of the header, of which the last two are 0, and of the end. */
interface SnapshotFrame {
  readonly kind: number;
  readonly format: number;
  readonly position: number;
  readonly count: number;
  /** Size of the file without its end. */
  readonly bytes: number;
}

function frame({ kind, format, position, count, bytes }: SnapshotFrame): Uint8Array {
  const block = new Uint8Array(FRAME);
  const view = viewOf(block);
  view.setUint32(4, MAGIC, true);
  view.setUint16(8, format, true);
  view.setUint8(10, kind);
  setInteger(view, 16, position);
  setInteger(view, 24, count);
  setInteger(view, 32, bytes);
  seal(block, view, 0, FRAME);
  return block;
}

function readFrame(block: Uint8Array, kind: number): SnapshotFrame | undefined {
  const view = viewOf(block);
  if (block.length < FRAME || !isSealed(block, view, 0, FRAME)) return undefined;
  if (view.getUint32(4, true) !== MAGIC || view.getUint8(10) !== kind) return undefined;
  return {
    kind,
    format: view.getUint16(8, true),
    position: getInteger(view, 16),
    count: getInteger(view, 24),
    bytes: getInteger(view, 32),
  };
}

function chunkHeader(bytes: Uint8Array, index: number): Uint8Array {
  const block = new Uint8Array(CHUNK_HEADER);
  const view = viewOf(block);
  view.setUint32(4, checksum(bytes, 0, bytes.length, index), true);
  view.setUint32(8, bytes.length, true);
  view.setUint8(12, CHUNK);
  setInteger(view, 16, index);
  seal(block, view, 0, CHUNK_HEADER);
  return block;
}

/**
 * Opens the published snapshot.
 * @throws DamagedLogError if the file is incomplete; its chunks throw it where they are not as they were written
 */
export function openSnapshot(directory: string): LogSnapshot | undefined {
  for (;;) {
    const position = listFiles(directory).snapshots.at(-1);
    if (position === undefined) return undefined;
    try {
      const { format } = checkFrames(directory, snapshotName(position), position);
      return { position, format, chunks: readChunks(directory, position) };
    } catch (error) {
      // Replaced meanwhile by a later one.
      if (!isMissing(error)) throw error;
    }
  }
}

/**
 * Checks that a snapshot file is complete, without reading all of it. Returns its end.
 * @throws DamagedLogError
 */
export function checkFrames(directory: string, name: string, position: number): { format: number; count: number; size: number } {
  using file = FileDescriptor.open(join(directory, name), 'r');
  const { size } = file;
  const header = readFrame(readUpTo(file.fd, FRAME, 0), HEADER);
  if (header?.position !== position) throw damaged(directory, name, position, 0, 'its header is not as it was written');
  const end = readFrame(readUpTo(file.fd, FRAME, Math.max(0, size - FRAME)), END);
  if (end?.position !== position || end.bytes !== size - FRAME) throw damaged(directory, name, position, size, 'its end is missing');
  return { format: header.format, count: end.count, size };
}

/** Reads the chunks of a published snapshot one by one. @throws DamagedLogError */
export async function* readChunks(directory: string, position: number): AsyncGenerator<Uint8Array> {
  const name = snapshotName(position);
  using file = openPublished(directory, name);
  const end = file.size - FRAME;
  let index = 0;
  for (let offset = FRAME; offset < end; index++) {
    const header = readUpTo(file.fd, CHUNK_HEADER, offset);
    const view = viewOf(header);
    const fault = (): LogDamage => damaged(directory, name, position, offset, 'the chunk there is not as it was written');
    if (header.length < CHUNK_HEADER || !isSealed(header, view, 0, CHUNK_HEADER) || getInteger(view, 16) !== index) throw fault();
    const bytes = readUpTo(file.fd, Math.min(view.getUint32(8, true), end - offset - CHUNK_HEADER), offset + CHUNK_HEADER);
    if (checksum(bytes, 0, bytes.length, index) !== view.getUint32(4, true)) throw fault();
    yield bytes;
    offset += CHUNK_HEADER + bytes.length;
  }
}

function openPublished(directory: string, name: string): FileDescriptor {
  try {
    return FileDescriptor.open(join(directory, name), 'r');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new OutOfRangeError(`${join(directory, name)} was replaced by a later snapshot: begin with that one`);
  }
}

function damaged(directory: string, file: string, position: number, offset: number, reason: string): LogDamage {
  return new LogDamage(directory, { file, offset, position, reason });
}
