import { cpSync, openSync, readFileSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogSnapshot, LogStore } from '../../server/log/log-store.js';
import { readChain } from '../../server/log/segments/chain.js';
import { walkLog } from '../../server/log/segments/log-walk.js';
import { SegmentWalk } from '../../server/log/segments/segment-walk.js';
import { findTail } from '../../server/log/segments/tail.js';

/** Segments that are full after some dozens of small records. */
export const SMALL_SEGMENTS = { first: 8192, largest: 16_384 };

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

/** Reads the records from a position on, as texts. */
export async function recordsFrom(store: LogStore, from: number): Promise<string[]> {
  const texts: string[] = [];
  let expected = from;
  for await (const { position, bytes } of store.read(from)) {
    if (position !== expected++) throw new Error(`position ${position} instead of ${expected - 1}`);
    texts.push(Buffer.from(bytes).toString('latin1'));
  }
  return texts;
}

/** Finds the end of a log as a leader does, and reads all records behind its snapshot. */
export function recover(directory: string): { readonly records: string[]; readonly torn: number; readonly last: number } {
  const chain = readChain(directory);
  const { torn, last } = findTail(chain);
  const records = Array.from(walkLog(directory, chain.snapshot + 1), ({ bytes }) => Buffer.from(bytes).toString('latin1'));
  return { records, torn, last };
}

export async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? bytesOf(part) : part;
}

/** Reads a snapshot as a text. */
export async function textOf(snapshot: LogSnapshot | undefined): Promise<string | undefined> {
  if (snapshot === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const chunk of snapshot.chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}

/** Offset behind the last record of the last segment, and the name of that. */
export function endOfLog(directory: string): { readonly file: string; readonly offset: number } {
  using walk = new SegmentWalk(readChain(directory).segments.at(-1)!);
  while (walk.next());
  return { file: walk.segment.file, offset: walk.offset };
}

/** Copies a log as it is on the disk when its process is killed right after its last append: without a mark at its end. */
export function crashImage(directory: string, copy: string): void {
  cpSync(directory, copy, { recursive: true, filter: (path) => !/owner$|\.new$/.test(path) });
  const { file, offset } = endOfLog(copy);
  overwriteAt(join(copy, file), offset, new Uint8Array(40));
}

export function overwriteAt(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** Flips a bit of a file. Returns a function that flips it back. */
export function flipBit(path: string, bit: number): () => void {
  const flip = (): void => {
    const byte = readFileSync(path).subarray(bit >> 3, (bit >> 3) + 1);
    overwriteAt(path, bit >> 3, Uint8Array.of(byte[0]! ^ (1 << (bit & 7))));
  };
  flip();
  return flip;
}

/** Writes the bytes of a file again, with those from an offset on replaced by zeros. */
export function zeroFrom(path: string, bytes: Uint8Array, offset: number): void {
  const torn = Uint8Array.from(bytes);
  torn.fill(0, offset);
  writeFileSync(path, torn);
}
