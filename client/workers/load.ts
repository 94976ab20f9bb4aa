import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';
import { loadingModule } from '../../proto/loading.js';
import { OWN_MODULE } from './current.js';
import { loadTypeScriptAsTheProgram } from './typescript.js';

const TYPESCRIPT = "start the worker with { execArgv: ['--import', 'tsx'] }, or give the compiled module";

type Run = (...args: unknown[]) => unknown;

/** The functions of a worker's module. */
export interface Loaded {
  readonly run: Run;
  /** Run first by each worker of a pool, if the module exports it. */
  readonly initialize: Run | undefined;
  /** Run last by each worker of a pool that ends in order, if the module exports it. */
  readonly teardown: Run | undefined;
}

/**
 * Imports a worker's module.
 * @throws InvalidArgumentError if it does not exist, or its default export is not a function; errors of the module itself
 */
export async function load(url: string): Promise<Loaded> {
  await loadTypeScriptAsTheProgram();
  const {
    default: run,
    initialize,
    teardown,
  } = exportsOf(await loadingModule(`the module ${url} of a worker`, OWN_MODULE, () => imported(url)));
  if (typeof run !== 'function') throw new InvalidArgumentError(`${url} has no function as its default export`);
  return { run: run as Run, initialize: functionOf(initialize), teardown: functionOf(teardown) };
}

function functionOf(exported: unknown): Run | undefined {
  return typeof exported === 'function' ? (exported as Run) : undefined;
}

async function imported(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const path = fileURLToPath(url);
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?$/.test(path)) {
      throw new InvalidArgumentError(`this Node does not load the TypeScript module ${url}: ${TYPESCRIPT}`, { cause: error });
    }
    if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_MODULE_NOT_FOUND' || existsSync(path)) throw error;
    const how = `give new URL('./${basename(path)}', import.meta.url), or a path from the working directory`;
    throw new InvalidArgumentError(`there is no module ${url}: ${how}`, { cause: error });
  }
}

/** A module that was compiled to CommonJS has its exports in its default export. */
function exportsOf(module: Record<string, unknown>): Record<string, unknown> {
  const inner = module['default'] as Record<string, unknown> | null | undefined;
  return typeof inner === 'object' && inner?.['__esModule'] === true ? inner : module;
}
