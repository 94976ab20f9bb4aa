import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Directory of the golden logs: one folder for each version of the engine. */
const FOLDER = new URL('../../../test/golden/', import.meta.url).pathname;
/** The dump of the state in the log. */
const DUMP = 'dump.jsonl';

/** The module of registered types of the manager that wrote the logs. */
export const TYPES = new URL('../integration/programs/saved-types.js', import.meta.url).href;

export function goldenLogs(): string[] {
  return readdirSync(FOLDER).filter((name) => name.startsWith('engine-'));
}

/** Puts the data directory of a golden log into a directory. */
export function unpack(name: string, directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  for (const file of readdirSync(join(FOLDER, name))) {
    if (file.endsWith('.gz'))
      writeFileSync(join(directory, file.slice(0, -'.gz'.length)), gunzipSync(readFileSync(join(FOLDER, name, file))));
  }
}

export function dumpOf(name: string): string {
  return readFileSync(join(FOLDER, name, DUMP), 'utf8');
}

/** Keeps a data directory, and the dump of its state, as a golden log. */
export function keep(name: string, directory: string, dump: string): void {
  mkdirSync(join(FOLDER, name));
  for (const file of readdirSync(directory)) {
    const path = join(directory, file);
    if (statSync(path).isFile()) writeFileSync(join(FOLDER, name, `${file}.gz`), gzipSync(readFileSync(path), { level: 9 }));
  }
  writeFileSync(join(FOLDER, name, DUMP), dump);
}

/** A dump without the version and time of its first line, and without remaining times. */
export function withoutTimes(dump: string): string {
  return dump.slice(dump.indexOf('\n') + 1).replace(/"(ttlMs|delayMs)":\d+/g, '"$1":0');
}
