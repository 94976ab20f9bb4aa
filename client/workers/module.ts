import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';

/** What a module may be called before and after it is compiled. */
const TWINS: readonly (readonly [string, string])[] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.cjs', '.cts'],
];

/** A worker's module, as it is told. */
export interface NamedModule {
  readonly url: string;
  /** Its file's name, for people. */
  readonly name: string;
}

/**
 * The module that is meant. Where there is no such file, but one of the same name before or after it is
 * compiled, it is that: so one program works from its sources and when it is built.
 * @throws InvalidArgumentError for what is no file
 */
export function moduleNamed(module: URL | string): NamedModule {
  const url = urlOf(module);
  if (url.protocol !== 'file:') throw new InvalidArgumentError(`${url.href} is no file: a worker's module is one`);
  const path = fileURLToPath(url);
  if (!existsSync(path)) {
    const twin = twinOf(path);
    if (twin !== undefined && existsSync(twin)) return { url: pathToFileURL(twin).href, name: basename(twin) };
  }
  return { url: url.href, name: basename(path) };
}

function urlOf(module: URL | string): URL {
  if (module instanceof URL) return module;
  if (typeof module !== 'string') throw new InvalidArgumentError(`a worker's module is a URL or a path, not ${typeof module}`);
  return module.startsWith('file:') ? new URL(module) : pathToFileURL(resolve(module));
}

function twinOf(path: string): string | undefined {
  for (const [built, source] of TWINS) {
    if (path.endsWith(built)) return path.slice(0, -built.length) + source;
    if (path.endsWith(source)) return path.slice(0, -source.length) + built;
  }
  return undefined;
}
