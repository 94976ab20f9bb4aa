import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';

/** Pairs of file extensions, compiled and source. */
const TWINS: readonly (readonly [string, string])[] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.cjs', '.cts'],
];

/** A resolved module of a worker. */
export interface NamedModule {
  readonly url: string;
  /** File name, for display. */
  readonly name: string;
}

/**
 * Resolves a worker's module. If the file does not exist, but its compiled or source counterpart does, uses that: so one program works both
 * from its sources and when built.
 * @throws InvalidArgumentError if it is not a file
 */
export function moduleNamed(module: URL | string): NamedModule {
  const url = urlOf(module);
  if (url.protocol !== 'file:') throw new InvalidArgumentError(`${url.href} is not a file: give the file of the worker's module`);
  const path = fileURLToPath(url);
  if (!existsSync(path)) {
    const twin = twinOf(path);
    if (twin !== undefined && existsSync(twin)) return { url: pathToFileURL(twin).href, name: basename(twin) };
  }
  return { url: url.href, name: basename(path) };
}

function urlOf(module: URL | string): URL {
  if (module instanceof URL) return module;
  if (typeof module !== 'string') throw new InvalidArgumentError(`the module of a worker is ${typeof module}: give a URL or a path`);
  return module.startsWith('file:') ? new URL(module) : pathToFileURL(resolve(module));
}

function twinOf(path: string): string | undefined {
  for (const [built, source] of TWINS) {
    if (path.endsWith(built)) return path.slice(0, -built.length) + source;
    if (path.endsWith(source)) return path.slice(0, -source.length) + built;
  }
  return undefined;
}
