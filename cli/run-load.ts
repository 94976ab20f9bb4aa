import { createReadStream, fstatSync } from 'node:fs';
import { InvalidArgumentError } from '../proto/errors.js';
import { stepsOf } from './dump-steps.js';
import { jsonLine } from './inspection/output.js';
import { size } from './inspection/text.js';
import { Loader, NOTHING_LOADED, type Existing, type LoadCounts } from './load.js';
import { directoryTarget, managerTarget, type LoadTarget } from './load-target.js';
import { showProgress, tell, type ProgressBar } from './progress.js';
import { assertOnePlace, type DumpFlags } from './run-dump.js';

/** Flags of `commonhold load`. */
export interface LoadFlags extends DumpFlags {
  readonly skip?: boolean;
  readonly replace?: boolean;
  readonly register?: readonly string[];
  readonly json?: boolean;
}

/** `commonhold load`. */
export async function runLoad(address: string | undefined, flags: LoadFlags): Promise<void> {
  assertOnePlace(address, flags);
  const { dataDir, register } = flags;
  if (dataDir === undefined && register !== undefined)
    throw new InvalidArgumentError('--register goes with --data-dir: a manager that runs has its modules');
  const existing = existingOf(flags);
  if (process.stdin.isTTY) throw new InvalidArgumentError('give a dump as standard input: commonhold load < FILE');
  await check();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const reason = new Error(`${signal} came before the end of the dump`);
      interrupted.abort(reason);
      // It may wait for more of the dump.
      process.stdin.destroy(reason);
    });
  }
  const { objects, skipped } = await loadAll(
    await (dataDir === undefined ? managerTarget(address, flags) : directoryTarget(dataDir, register)),
    existing,
    interrupted.signal,
  );
  if (flags.json) jsonLine({ objects, skipped });
  else tell(`loaded ${objects} objects${skipped === 0 ? '' : `; ${skipped} exist already, and stay as they are`}`);
}

/** Loads standard input. Returns after the target has been left: only then is a directory flushed to the disk. */
async function loadAll(loadTarget: LoadTarget, existing: Existing, signal: AbortSignal): Promise<LoadCounts> {
  await using target = loadTarget;
  const input = fstatSync(0);
  using progress = await showProgress(input.isFile() ? input.size : 0);
  return await new Loader(target.transport, existing, signal).load(stepsOf(counted(process.stdin, progress)));
}

/** Passes chunks on, and shows how many bytes they are. */
async function* counted(input: AsyncIterable<Uint8Array>, progress: ProgressBar): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of input) {
    bytes += chunk.length;
    progress.update(bytes, size(bytes));
    yield chunk;
  }
}

function existingOf({ skip = false, replace = false }: LoadFlags): Existing {
  if (skip && replace) throw new InvalidArgumentError('--skip and --replace contradict each other: give one');
  return skip ? 'skip' : replace ? 'replace' : 'refuse';
}

/** Reads the whole dump before anything is changed, if it is a file, which can be read twice. */
async function check(): Promise<void> {
  if (!fstatSync(0).isFile()) return;
  const file = createReadStream('', { fd: 0, start: 0, autoClose: false });
  try {
    for await (const _step of stepsOf(file)) {
      // Only checked.
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${NOTHING_LOADED}`, { cause: error });
  }
}
