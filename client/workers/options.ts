import type { ResourceLimits } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { OptionNames } from '../../proto/known-options.js';
import { currentWorker } from './current.js';
import type { WorkerManager } from './owner.js';
import type { SpawnOptions, WorkerOutput } from './backend.js';

/** The environment of a worker. */
export interface WorkerSurroundings {
  /** Variables added to the environment of this program; a variable set to undefined is removed. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Texts that the worker has at the end of its `process.argv`. Default: none. */
  argv?: readonly string[] | undefined;
  /**
   * Flags of Node, such as `['--enable-source-maps']`. Threads refuse flags of the whole process, such as `--max-old-space-size`. Default:
   * the flags of this program.
   */
  execArgv?: readonly string[] | undefined;
  /**
   * Memory limits of a thread, in MiB, such as `{ maxOldGenerationSizeMb: 200 }`: a thread that exceeds them ends with WorkerDiedError.
   * Limit a process with `execArgv: ['--max-old-space-size=200']`. Default: Node's own limits.
   */
  resourceLimits?: ResourceLimits | undefined;
}

export const SURROUNDINGS = { env: true, argv: true, execArgv: true, resourceLimits: true } satisfies OptionNames<WorkerSurroundings>;

/** Options of {@link Manager.worker}. */
export interface WorkerOptions extends WorkerSurroundings {
  /** Name for display. Default: the module's file name, with the process or thread id. */
  name?: string | undefined;
  /**
   * If true, the worker ends with this program: the program does not wait for it, unless `result` or `join()` is awaited, and at the
   * program's end the worker gets SIGTERM. If false, the program waits for the worker before it ends on its own; if it is killed, or exits
   * nevertheless, the worker is notified by `currentWorker().orphaned`. Neither outlives the program by more than 5 seconds. Default:
   * inherited from the current worker, or false.
   */
  daemonic?: boolean | undefined;
}

export const WORKER_OPTIONS = { ...SURROUNDINGS, name: true, daemonic: true } satisfies OptionNames<WorkerOptions>;

/** Default of `daemonic` for a worker started here. */
export function daemonicByDefault(): boolean {
  return currentWorker()?.daemonic ?? false;
}

/**
 * Builds the environment of a worker. The token is sent over the worker's channel instead: process arguments are visible to other users,
 * and an environment is inherited by every program that the worker starts.
 * @throws InvalidArgumentError if `argv` or `execArgv` is not a list of strings
 */
export function spawnOptions(
  owner: WorkerManager,
  { env, argv = [], execArgv, resourceLimits }: WorkerSurroundings,
  output: WorkerOutput = 'inherit',
): SpawnOptions {
  checkStrings('argv', argv);
  if (execArgv !== undefined) checkStrings('execArgv', execArgv);
  const variables: NodeJS.ProcessEnv = { ...process.env, COMMONHOLD_ADDRESS: owner.address };
  delete variables['COMMONHOLD_TOKEN'];
  Object.assign(variables, env);
  for (const name of Object.keys(variables)) if (variables[name] === undefined) delete variables[name];
  return { env: variables, argv, execArgv: execArgv ?? inheritedFlags(), resourceLimits, output };
}

function checkStrings(name: string, list: readonly string[]): void {
  if (Array.isArray(list) && list.every((text) => typeof text === 'string')) return;
  throw new InvalidArgumentError(`${name}: give a list of strings`);
}

/**
 * Returns this program's flags without `--eval` and `--input-type`, since a worker always runs a file; undefined if no flag needs to be
 * removed.
 */
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
