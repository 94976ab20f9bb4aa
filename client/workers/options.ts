import type { ResourceLimits } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { OptionNames } from '../known-options.js';
import { currentWorker } from './current.js';
import type { WorkerManager } from './owner.js';
import type { SpawnOptions } from './backend.js';

/** Where a worker runs, whatever it does. */
export interface WorkerSurroundings {
  /** Added to the environment of this program; a variable that is undefined is left out. */
  env?: NodeJS.ProcessEnv | undefined;
  /**
   * Flags of Node, as `['--enable-source-maps']`. Threads refuse flags of the whole process, as `--max-old-space-size`.
   * Default: those of this program.
   */
  execArgv?: readonly string[] | undefined;
  /**
   * Limits of the memory of a thread, in MiB, as `{ maxOldGenerationSizeMb: 200 }`: one that needs more ends, with
   * WorkerDiedError. A process is limited by `execArgv: ['--max-old-space-size=200']`. Default: none but Node's own.
   */
  resourceLimits?: ResourceLimits | undefined;
}

export const SURROUNDINGS = { env: true, execArgv: true, resourceLimits: true } satisfies OptionNames<WorkerSurroundings>;

/** Options of {@link Manager.worker}. */
export interface WorkerOptions extends WorkerSurroundings {
  /** What it is called, for people. Default: the module's name, with the process or thread id. */
  name?: string | undefined;
  /**
   * Whether the end of this program is its end as well: the program does not wait for it, unless someone
   * awaits its `result` or `join()`, and the worker gets SIGTERM then. While false, the program waits for
   * the worker before it ends by itself; if it is killed, or exits nevertheless, the worker learns it by
   * `currentWorker().orphaned`. Neither lives longer than 5 seconds without the program.
   * Default: as the worker that this is, or false.
   */
  daemonic?: boolean | undefined;
}

export const WORKER_OPTIONS = { ...SURROUNDINGS, name: true, daemonic: true } satisfies OptionNames<WorkerOptions>;

/** Whether a worker started here is daemonic, where nothing else is said. */
export function daemonicByDefault(): boolean {
  return currentWorker()?.daemonic ?? false;
}

/**
 * What a worker of this owner finds around it. The token goes by the worker's channel: arguments are visible to others,
 * and an environment is inherited by all that the worker starts.
 * @throws InvalidArgumentError for what is none
 */
export function spawnOptions(owner: WorkerManager, { env, execArgv, resourceLimits }: WorkerSurroundings): SpawnOptions {
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string'))) {
    throw new InvalidArgumentError('execArgv: give a list of texts');
  }
  const variables: NodeJS.ProcessEnv = { ...process.env, COMMONHOLD_ADDRESS: owner.address };
  delete variables['COMMONHOLD_TOKEN'];
  Object.assign(variables, env);
  for (const name of Object.keys(variables)) if (variables[name] === undefined) delete variables[name];
  return { env: variables, execArgv: execArgv ?? inheritedFlags(), resourceLimits };
}

/** This program's flags, where one of them says that the program is no file: a worker always is one. */
function inheritedFlags(): string[] | undefined {
  if (!process.execArgv.some((flag) => flag.startsWith('--input-type'))) return undefined;
  const flags: string[] = [];
  for (let at = 0; at < process.execArgv.length; at++) {
    const flag = process.execArgv[at]!;
    if (/^(-e|--eval|-p|--print|-pe)$/.test(flag)) at++;
    else if (flag === '--input-type') at++;
    else if (!/^--(input-type|eval|print)=/.test(flag)) flags.push(flag);
  }
  return flags;
}
