import { InvalidArgumentError } from '../proto/errors.js';
import type { ConnectionFlags } from './connection.js';
import { dump } from './dump.js';
import { directorySource, managerSource } from './dump-source.js';

/** Flags of `commonhold dump`. */
export interface DumpFlags extends ConnectionFlags {
  readonly dataDir?: string;
}

/** Exit code of a dump that lacks objects. */
const INCOMPLETE = 2;

/** `commonhold dump`. */
export async function runDump(address: string | undefined, flags: DumpFlags): Promise<void> {
  assertOnePlace(address, flags);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe has gone.
    tell(error.code === 'EPIPE' ? 'standard output was closed before the dump was complete' : `standard output: ${error.message}`);
    process.exit(1);
  });
  const { dataDir } = flags;
  await using source = await (dataDir === undefined ? managerSource(address, flags) : directorySource(dataDir));
  const { objects, calls, undumped } = await dump(source, process.stdout, tell);
  tell(`dumped ${objects} objects in ${calls} calls${undumped === 0 ? '' : `; ${undumped} objects are not in the dump`}`);
  if (undumped > 0) process.exitCode = INCOMPLETE;
}

/** @throws InvalidArgumentError for flags that contradict each other */
export function assertOnePlace(address: string | undefined, { dataDir, tokenFile }: DumpFlags): void {
  if (dataDir !== undefined && (address !== undefined || tokenFile !== undefined)) {
    throw new InvalidArgumentError('give an address, with --token-file if need be, or --data-dir: not both');
  }
}

/** Tells the user something; standard output is for data. */
export function tell(text: string): void {
  process.stderr.write(`commonhold: ${text}\n`);
}
