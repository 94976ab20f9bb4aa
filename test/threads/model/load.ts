import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { instrument } from './instrument.js';
import { RUNTIME } from './points.js';

/** Exports of a module. */
export type Exports = Record<string, unknown>;

/** A change of a source file: `from`, which must occur exactly once, and its replacement. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const ROOT = new URL('../../../../', import.meta.url);
/** Files with the state of threads outside of the memory. */
const STATEFUL = new Set(['memory/arena-thread.ts', 'memory/guards.ts', 'threads/threads.ts']);
const FOLDER = 'engine/shared';

/** Short spin loops, and a size from which copies are seen half done. */
const TUNING: readonly Change[] = [
  { file: 'kernel/guard.ts', from: 'const TRIES: i32 = 60;', to: 'const TRIES: i32 = 1;' },
  { file: 'kernel/guard.ts', from: 'const PAUSE: i32 = 30;', to: 'const PAUSE: i32 = 1;' },
  { file: 'kernel/spans.ts', from: 'const TRIES: i32 = 60;', to: 'const TRIES: i32 = 1;' },
  { file: 'kernel/lock.ts', from: 'const TRIES: i32 = 200;', to: 'const TRIES: i32 = 2;' },
  { file: 'kernel/reap.ts', from: 'const PLACES: i32 = 4096;', to: 'const PLACES: i32 = 1;' },
  // Here all threads have one kernel, and one that leaves must not take the memory away from the others.
  { file: 'memory/region.ts', from: '    bind(left, () => false);\n', to: '' },
  { file: 'kernel/layout.ts', from: 'export const SLOT_COUNT: i32 = 256;', to: 'export const SLOT_COUNT: i32 = 8;' },
  {
    file: 'kernel/memory.ts',
    from: 'put(self, p, halves[0]!);\n  put(self, p + 4, halves[1]!);',
    to: 'const [low, high] = halves; put(self, p, low!); put(self, p + 4, high!);',
  },
  {
    file: 'kernel/memory.ts',
    from: 'bytes.copyWithin(to, from, from + n);',
    to: 'const half = (n >> 3) << 2; bytes.copyWithin(to, from, from + half); bytes.copyWithin(to + half, from + half, from + n);',
  },
];

/** Compiles without a journal, as WebAssembly does. */
export const NO_JOURNAL: readonly Change[] = [
  {
    file: 'kernel/memory.ts',
    from: 'const count = words[journal]!;',
    to: 'words[p >> 2] = v; if (v === v) return; const count = words[journal]!;',
  },
];

const sources = new Map<string, string>();
const compiled = new Map<string, string>();
const outside = new Map<string, Exports>();

function sourceOf(file: string): string {
  let source = sources.get(file);
  if (source === undefined) {
    source = readFileSync(new URL(`${FOLDER}/${file}`, ROOT), 'utf8');
    // State outside of the memory can be reset if it is not private.
    if (STATEFUL.has(file)) source = source.replaceAll(/#(?=\w)/g, '_');
    sources.set(file, source);
  }
  return source;
}

function codeOf(file: string, changes: readonly Change[]): string {
  let source = sourceOf(file);
  for (const { from, to } of changes.filter((one) => one.file === file)) {
    if (source.split(from).length !== 2) throw new Error(`${file} has not exactly one "${from}"`);
    source = source.replace(from, () => to);
  }
  const key = `${file}\n${source}`;
  let code = compiled.get(key);
  if (code === undefined) {
    const kind = file === 'kernel/memory.ts' ? 'memory' : file.startsWith('kernel/') ? 'kernel' : 'rest';
    compiled.set(key, (code = instrument(file, source, kind)));
  }
  return code;
}

/** Imports the modules that instrumented ones import from elsewhere: they stay as they are. */
async function importOutside(file: string, seen = new Set<string>()): Promise<void> {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, specifier] of sourceOf(file).matchAll(/^(?:import(?! type)|export)[^;]*? from '([^']+)';/gm)) {
    const path = resolve(file, specifier!);
    if (path !== undefined) await importOutside(path, seen);
    else if (!outside.has(key(file, specifier!))) outside.set(key(file, specifier!), (await import(address(file, specifier!))) as Exports);
  }
}

/** The file of a module of the shared memory, relative to its folder; undefined for any other. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  return path.startsWith('..') ? undefined : path.replace(/\.js$/, '.ts');
}

function key(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(FOLDER, posix.dirname(from), specifier) : specifier;
}

function address(from: string, specifier: string): string {
  return specifier.startsWith('.') ? new URL(`dist/${key(from, specifier)}`, ROOT).href : specifier;
}

/**
 * Loads modules of engine/shared as coroutines.
 * @param replaced replacements of modules, by their files or names
 * @param globals replacements of globals
 */
export async function load(
  files: readonly string[],
  changes: readonly Change[],
  replaced: Record<string, Exports>,
  globals: Exports,
): Promise<Exports[]> {
  for (const file of files) await importOutside(file);
  const all = [...TUNING, ...changes];
  const given = { ...RUNTIME, ...globals };
  const loaded = new Map<string, Exports>();
  const require = (from: string, specifier: string): Exports => {
    const file = resolve(from, specifier);
    const other = replaced[file ?? specifier] ?? outside.get(key(from, specifier));
    if (other !== undefined) return other;
    return one(file!);
  };
  const one = (file: string): Exports => {
    const known = loaded.get(file);
    if (known !== undefined) return known;
    const exports: Exports = {};
    loaded.set(file, exports);
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const body = new Function('exports', 'require', ...Object.keys(given), codeOf(file, all)) as (...given: unknown[]) => void;
    body(exports, (specifier: string) => require(file, specifier), ...Object.values(given));
    return exports;
  };
  for (const file of new Set(all.map((change) => change.file))) codeOf(file, all);
  return files.map(one);
}
