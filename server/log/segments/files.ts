/** Names of the files of a log, and operations on whole files. */
import { closeSync, fdatasyncSync, fstatSync, fsyncSync, openSync, readdirSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The file with the epoch. */
export const CONTROL = 'control';
/** The socket of the leader. */
export const OWNER = 'owner';

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.log`;
/** A file that is ready to be a segment. The number only makes its name unique. */
export const spareName = (number: number): string => `${number}.spare`;
export const snapshotName = (position: number): string => `${position}.snapshot`;
/** A file that is incomplete or unpublished. */
export const unfinishedName = (name: string): string => `${name}.new`;

/** The files of a log. */
export interface LogFiles {
  /** Numbers of the segments, ascending. */
  readonly segments: readonly number[];
  readonly spares: readonly number[];
  /** Positions of the published snapshots, ascending. */
  readonly snapshots: readonly number[];
  readonly hasControl: boolean;
  /** Names of the unfinished files. */
  readonly unfinished: readonly string[];
}

/** Lists the files of a log, leaving out all others. A directory that does not exist has none. */
export function listFiles(directory: string): LogFiles {
  const names = namesIn(directory);
  const numbered = (pattern: RegExp): number[] =>
    names.flatMap((name) => (pattern.test(name) ? [Number.parseInt(name, 10)] : [])).sort((one, other) => one - other);
  return {
    segments: numbered(/^\d{8,}\.log$/),
    spares: numbered(/^\d+\.spare$/),
    snapshots: numbered(/^\d+\.snapshot$/),
    hasControl: names.includes(CONTROL),
    unfinished: names.filter((name) => /^(\d+\.(spare|snapshot)|control)\.new$/.test(name)),
  };
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Makes the names in a directory durable. */
export function syncDirectory(directory: string): void {
  using folder = FileDescriptor.open(directory, 'r');
  fsyncSync(folder.fd);
}

/** Replaces a small file in one step. */
export function replaceFile(directory: string, name: string, bytes: Uint8Array): void {
  const path = join(directory, unfinishedName(name));
  {
    using file = FileDescriptor.open(path, 'w');
    writeAll(file.fd, bytes, 0);
    fsyncSync(file.fd);
  }
  renameSync(path, join(directory, name));
  syncDirectory(directory);
}

/** Overwrites bytes of a file, and flushes them. */
export function overwrite(path: string, bytes: Uint8Array, at: number): void {
  using file = FileDescriptor.open(path, 'r+');
  writeAll(file.fd, bytes, at);
  fdatasyncSync(file.fd);
}

/** Writes all of the bytes: a system call may write a part only. */
export function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}

/** Reads as many of the bytes as the file has. Returns the part that was read. */
export function readUpTo(fd: number, length: number, at: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let done = 0;
  while (done < length) {
    const read = readSync(fd, bytes, done, length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** A file that is closed when disposed. Only its owner can open it. */
export class FileDescriptor implements Disposable {
  private constructor(readonly fd: number) {}

  static open(path: string, flags: 'r' | 'r+' | 'w' | 'wx+'): FileDescriptor {
    return new FileDescriptor(openSync(path, flags, 0o600));
  }

  get size(): number {
    return fstatSync(this.fd).size;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
