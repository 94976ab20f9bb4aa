import { InvalidArgumentError } from '../proto/errors.js';
import type { ConnectionFlags } from './connection.js';
import { fail } from './flags.js';
import type { DumpCounts } from './dump-lines.js';
import { dump } from './dump.js';
import { directorySource, managerSource, type DumpSource } from './dump-source.js';
import { showProgress, tell } from './progress.js';

/** Flags of `commonhold dump`. */
export interface DumpFlags extends ConnectionFlags {
  readonly dataDir?: string;
}

/** Exit code of a dump that lacks objects. */
const INCOMPLETE = 2;

/** `commonhold dump`. */
export async function runDump(address: string | undefined, flags: DumpFlags): Promise<void> {
  assertOnePlace(address, flags);
  // Before the listener of all commands, which takes a closed pipe for a reader that has enough.
  process.stdout.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') fail(new Error('standard output was closed before the dump was complete'));
  });
  const { dataDir } = flags;
  await using source = await (dataDir === undefined ? managerSource(address, flags) : directorySource(dataDir));
  const { objects, calls, undumped } = await dumpAll(source);
  tell(`dumped ${objects} objects in ${calls} calls${undumped === 0 ? '' : `; ${undumped} objects are not in the dump`}`);
  if (undumped > 0) process.exitCode = INCOMPLETE;
}

/** @throws InvalidArgumentError for flags that contradict each other */
export function assertOnePlace(address: string | undefined, { dataDir, tokenFile }: DumpFlags): void {
  if (dataDir !== undefined && (address !== undefined || tokenFile !== undefined)) {
    throw new InvalidArgumentError('give an address, with --token-file if need be, or --data-dir: not both');
  }
}

async function dumpAll(source: DumpSource): Promise<DumpCounts> {
  using progress = await showProgress(await source.objects());
  return await dump(source, process.stdout, progress);
}
