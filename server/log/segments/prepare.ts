import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Chain } from './chain.js';
import { CONTROL, overwrite, replaceFile, segmentName, snapshotName, spareName } from './files.js';
import { controlBlock, type Control } from './format.js';
import { checkFrames } from './snapshot-file.js';
import type { Tail } from './tail.js';
import type { WriterStart } from './writer-messages.js';

/**
 * Takes a log over for the next leader: counts its epoch, and clears away the files that nothing needs. Records of the log stay as they are.
 * @throws DamagedLogError if the snapshot is incomplete
 */
export function takeOver({ directory, files, control, snapshot, segments, unbegun }: Chain, tail: Tail): Omit<WriterStart, 'reserve'> {
  if (snapshot > 0) checkFrames(directory, snapshotName(snapshot), snapshot);
  for (const name of files.unfinished) rmSync(join(directory, name), { force: true });
  for (const position of files.snapshots) if (position < snapshot) rmSync(join(directory, snapshotName(position)));
  for (const number of files.segments) if (number < (segments[0]?.number ?? 0)) rmSync(join(directory, segmentName(number)));
  const spares = [...files.spares];
  if (unbegun !== undefined) spares.push(toSpare(directory, unbegun, (spares.at(-1) ?? 0) + 1));
  const open = segments.at(-1);
  const newest = open?.number ?? 0;
  const epoch = Math.max(control?.epoch ?? 0, tail.epoch) + 1;
  writeControl(directory, { epoch, newest });
  return {
    epoch,
    last: tail.last,
    newest,
    closed: segments.slice(0, -1).map(({ number, size }, index) => ({ number, size, last: segments[index + 1]!.first - 1 })),
    open: open && { number: open.number, path: open.path, size: open.size, salt: open.salt, offset: tail.offset, unproven: tail.unproven },
    spares: spares.map((number) => ({ number, size: statSync(join(directory, spareName(number))).size })),
  };
}

function toSpare(directory: string, segment: number, spare: number): number {
  renameSync(join(directory, segmentName(segment)), join(directory, spareName(spare)));
  return spare;
}

/** Makes the facts durable that must not be lost with a segment. */
export function writeControl(directory: string, control: Control): void {
  const path = join(directory, CONTROL);
  if (existsSync(path)) overwrite(path, controlBlock(control), 0);
  else replaceFile(directory, CONTROL, controlBlock(control));
}
