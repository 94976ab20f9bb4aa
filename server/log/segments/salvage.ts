import { fsyncSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { readHeads } from './chain.js';
import type { Damage } from './damage.js';
import { CONTROL, FileDescriptor, listFiles, readUpTo, segmentName, syncDirectory, writeAll } from './files.js';
import { ownDirectory } from './ownership.js';
import { writeControl } from './prepare.js';
import { verify, type LogDescription, type VerifyProgress } from './verify.js';

/** Bytes that are copied at a time. */
const CHUNK = 1 << 20;

/** Result of {@link salvage}. */
export interface Salvaged {
  /** The places that were damaged, in the order in which they were cleared. */
  readonly damages: readonly Damage[];
  /** The directory with everything that was moved away; undefined if nothing was. */
  readonly aside: string | undefined;
  /** Names of the files there. */
  readonly moved: readonly string[];
  /** The log as it is now. */
  readonly kept: LogDescription;
}

/**
 * Makes a damaged log usable: keeps everything before the first damage, and moves the rest into a directory `salvaged-N` in it. Deletes
 * nothing. A damaged snapshot takes the records behind it along, unless all records before them are there too.
 * @throws AlreadyExistsError while a leader lives
 */
export async function salvage(directory: string, onProgress?: VerifyProgress): Promise<Salvaged> {
  const ownership = await ownDirectory(directory);
  try {
    const aside = new Aside(directory);
    const damages: Damage[] = [];
    let found = await verify(directory, onProgress);
    while (found.damage !== undefined) {
      damages.push(found.damage);
      clear(found, found.damage, aside);
      found = await verify(directory, onProgress);
    }
    return { damages, aside: aside.path, moved: aside.moved, kept: found };
  } finally {
    await ownership.release();
  }
}

/** Moves a damage away with everything behind it. */
function clear({ directory, snapshot, segments, epoch = 0 }: LogDescription, { file, offset, position }: Damage, aside: Aside): void {
  const { segments: numbers } = listFiles(directory);
  if (file.endsWith('.snapshot')) aside.move(file);
  else if (file === CONTROL) {
    // Remains behind the end may have a later epoch than the control file gets now.
    const last = segments.at(-1);
    if (last !== undefined) aside.cut(last.file, last.end);
  } else {
    const all = position <= (snapshot?.position ?? 0);
    const damaged = Number.parseInt(file, 10);
    for (const number of numbers) if (all || number > damaged || (number === damaged && offset === 0)) aside.move(segmentName(number));
    if (!all && offset > 0) aside.cut(file, offset);
  }
  const heads = readHeads(directory, listFiles(directory));
  const epochs = heads.segments.map((segment) => segment.epoch);
  writeControl(directory, { epoch: Math.max(epoch, ...epochs), newest: heads.segments.at(-1)?.number ?? 0 });
}

/** The directory for everything that is not kept. It is made when it is needed. */
class Aside {
  readonly moved: string[] = [];
  #path: string | undefined;

  constructor(private readonly directory: string) {}

  get path(): string | undefined {
    return this.#path;
  }

  move(name: string): void {
    renameSync(join(this.directory, name), join(this.#make(), name));
    this.#record(name);
  }

  /** Copies the end of a file, and fills it with zeros in the file itself. */
  cut(name: string, from: number): void {
    const copy = `${name}.from-${from}`;
    using source = FileDescriptor.open(join(this.directory, name), 'r+');
    using target = FileDescriptor.open(join(this.#make(), copy), 'wx+');
    const { size } = source;
    for (let at = from; at < size; at += CHUNK) writeAll(target.fd, readUpTo(source.fd, Math.min(CHUNK, size - at), at), at - from);
    fsyncSync(target.fd);
    this.#record(copy);
    for (let at = from; at < size; at += CHUNK) writeAll(source.fd, new Uint8Array(Math.min(CHUNK, size - at)), at);
    fsyncSync(source.fd);
  }

  #record(name: string): void {
    this.moved.push(name);
    syncDirectory(this.#make());
    syncDirectory(this.directory);
  }

  #make(): string {
    for (let number = 1; this.#path === undefined; number++) {
      const path = join(this.directory, `salvaged-${number}`);
      try {
        mkdirSync(path, { mode: 0o700 });
        this.#path = path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
    return this.#path;
  }
}
