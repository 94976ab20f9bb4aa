import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TypeRegistry, type Constructor, type Registry } from '../engine/types.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { loadingModule } from '../proto/loading.js';

/** Time for a module to load, and for its default export to register types, in milliseconds. */
const LOADING_MS = 30_000;

/**
 * Loads modules of registered types.
 * @param modules URLs, or paths relative to the working directory
 * @throws InvalidArgumentError with the name of a module that cannot be loaded or registered, and the reason
 */
export async function loadTypes(modules: readonly (string | URL)[]): Promise<TypeRegistry> {
  const types = new TypeRegistry();
  for (const module of modules) {
    try {
      const load = (): Promise<void> => import(urlOf(module)).then((exports: Exports) => registerExports(types, exports));
      await inTime(loadingModule('a module of registered types', 'keep the types in a module of their own', load));
    } catch (cause) {
      throw new InvalidArgumentError(
        `cannot register the types of ${String(module)}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }
  return types;
}

type Exports = Readonly<Record<string, unknown>>;

/**
 * Registers the types that a module exports. A default export that is a function and not a class is called to register them. Otherwise
 * every exported class is registered under the name of its export.
 */
export async function registerExports(types: Registry, exports: Exports): Promise<void> {
  // Node adds the exports object of a CommonJS module as another export.
  const { default: main, 'module.exports': _whole, ...others } = exports;
  if (typeof main === 'function' && !isClass(main)) {
    await (main as (registry: Registry) => unknown)(types);
    return;
  }
  const classes = Object.entries(others).filter((entry): entry is [string, Constructor] => isClass(entry[1]));
  if (isClass(main)) classes.push([main.name, main]);
  if (classes.length === 0) throw new InvalidArgumentError('it exports no class, and no default function that registers any');
  for (const [name, type] of classes) types.register(name, type);
}

function urlOf(module: string | URL): string {
  const text = String(module);
  return /^(file|data):/.test(text) ? text : pathToFileURL(resolve(text)).href;
}

/** Returns true for classes. Their prototype is not writable; a class compiled for old engines has methods on its prototype instead. */
function isClass(value: unknown): value is Constructor {
  if (typeof value !== 'function') return false;
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  if (prototype === undefined) return false;
  return prototype.writable === false || Object.getOwnPropertyNames(prototype.value).length > 1;
}

async function inTime(loading: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not loaded after ${LOADING_MS / 1000} s`)), LOADING_MS);
  });
  try {
    await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}
