import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UnimplementedError } from '../../../proto/errors.js';
import { LogDamage, type Damage } from './damage.js';
import { CONTROL, FileDescriptor, isMissing, listFiles, readUpTo, segmentName, type LogFiles } from './files.js';
import { FIRST_RECORD, LAYOUT, readControlBlock, readSegmentHead, type Control } from './format.js';
import { SegmentWalk, type Segment } from './segment-walk.js';

/** The files of a log in order: a snapshot, and the segments with the records behind it. */
export interface Chain {
  readonly directory: string;
  readonly files: LogFiles;
  /** Undefined if it is missing or damaged. */
  readonly control: Control | undefined;
  /** Position of the published snapshot; 0 if there is none. */
  readonly snapshot: number;
  /** Segments that begin with the record behind the snapshot, or with the one in which that is. */
  readonly segments: readonly Segment[];
  /** Number of the file behind them, if it has its name already and no header yet. */
  readonly unbegun: number | undefined;
}

/** Number of times that a reader lists the directory again because the leader has renamed files meanwhile. */
const LISTINGS = 100;

/**
 * Reads the heads of all files, and checks that they belong together.
 * @throws DamagedLogError if a file is missing, or if two claim the same records
 */
export function readChain(directory: string): Chain {
  for (let listing = 1; ; listing++) {
    const files = listFiles(directory);
    try {
      const chain = readHeads(directory, files);
      const damage = findGap(chain);
      if (damage === undefined) return chain;
      if (listing === LISTINGS || isDeepStrictEqual(files, listFiles(directory))) throw new LogDamage(directory, damage);
    } catch (error) {
      if (!isMissing(error) || listing === LISTINGS) throw error;
    }
  }
}

/** Reads the heads of all files that are needed. A segment without a sound header is left out. */
export function readHeads(directory: string, files: LogFiles): Chain {
  const snapshot = files.snapshots.at(-1) ?? 0;
  const begun = files.segments.flatMap((number) => readHead(directory, number) ?? []);
  const needed = Math.max(
    0,
    begun.findLastIndex(({ first }) => first <= snapshot + 1),
  );
  const last = files.segments.at(-1);
  const unbegun = last === begun.at(-1)?.number ? undefined : last;
  return {
    directory,
    files,
    control: files.hasControl ? readControl(directory) : undefined,
    snapshot,
    segments: begun.slice(needed),
    unbegun,
  };
}

function readHead(directory: string, number: number): Segment | undefined {
  const file = segmentName(number);
  const path = join(directory, file);
  using descriptor = FileDescriptor.open(path, 'r');
  const header = readSegmentHead(readUpTo(descriptor.fd, FIRST_RECORD, 0), number);
  return header && { ...header, file, path, size: descriptor.size };
}

function readControl(directory: string): Control | undefined {
  using descriptor = FileDescriptor.open(join(directory, CONTROL), 'r');
  const control = readControlBlock(readUpTo(descriptor.fd, FIRST_RECORD, 0));
  if (control !== undefined && control.layout > LAYOUT)
    throw new UnimplementedError(`${directory} was written by a newer version of commonhold: start that version`);
  return control;
}

/** Returns the first place where the files do not continue each other. */
export function findGap({ files, segments, unbegun, snapshot, control }: Chain): Damage | undefined {
  let before: Segment | undefined;
  for (const segment of segments) {
    if (before === undefined && segment.first > snapshot + 1) {
      return lost(files, segment.number - 1, before, snapshot);
    }
    if (before !== undefined && segment.number !== before.number + 1) return lost(files, before.number + 1, before, snapshot);
    if (before !== undefined && segment.first < before.first) {
      const reason = `it begins with the record ${segment.first}, and ${before.file} before it with ${before.first}`;
      return { file: segment.file, offset: 0, position: before.first, reason };
    }
    before = segment;
  }
  if (unbegun !== undefined && before !== undefined && unbegun !== before.number + 1)
    return lost(files, before.number + 1, before, snapshot);
  const newest = unbegun ?? before?.number ?? 0;
  if (control !== undefined && control.newest > newest) return lost(files, newest + 1, before, snapshot);
  if (control !== undefined || (!files.hasControl && newest === 0)) return undefined;
  return { file: CONTROL, offset: 0, position: snapshot + 1, reason: files.hasControl ? 'its checksum is wrong' : 'the file is missing' };
}

/** Describes a segment that is missing, or has no header. */
function lost(files: LogFiles, number: number, before: Segment | undefined, snapshot: number): Damage {
  const reason = files.segments.includes(number) ? 'its header is damaged' : 'the file is missing';
  return { file: segmentName(number), offset: 0, position: before === undefined ? snapshot + 1 : endOf(before) + 1, reason };
}

/** Returns the position of the last record of a segment. */
function endOf(segment: Segment): number {
  using walk = new SegmentWalk(segment);
  while (walk.next());
  return walk.position;
}
