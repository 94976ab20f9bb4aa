import type { TornTail } from '../log-store.js';
import { findGap, readHeads, type Chain } from './chain.js';
import { LogDamage, type Damage } from './damage.js';
import { listFiles, snapshotName, spareName } from './files.js';
import { earlyEnd, segmentEnd, type SegmentEnd } from './log-walk.js';
import { SegmentWalk, type Segment } from './segment-walk.js';
import { checkFrames, readChunks } from './snapshot-file.js';

/** Everything that was found in the directory of a log. */
export interface LogDescription {
  readonly directory: string;
  /** Epoch of the latest leader; undefined if it is not known. */
  readonly epoch: number | undefined;
  readonly snapshot: SnapshotDescription | undefined;
  /** Segments with records that the snapshot does not have, and the one in which the first of these is. */
  readonly segments: readonly SegmentDescription[];
  readonly torn: TornTail | undefined;
  /** The first place that is not as it was written. Everything before it is sound. */
  readonly damage: Damage | undefined;
  /** Files without records: they are to be used, or were left by a process that ended. */
  readonly others: readonly string[];
}

/** A snapshot as it was found. */
export interface SnapshotDescription {
  readonly file: string;
  readonly position: number;
  /** Size of the file. */
  readonly bytes: number;
  readonly chunks: number;
  readonly format: number;
}

/** A segment as it was found. */
export interface SegmentDescription {
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly first: number;
  /** Position of its last complete record. */
  readonly last: number;
  /** Offset behind it. */
  readonly end: number;
}

/** Called with the bytes that are read, and the bytes of all files that will be. */
export type VerifyProgress = (read: number, total: number) => void;

/** Reads everything in the directory of a log, and checks it. Changes nothing. A leader should not be writing. */
export async function verify(directory: string, onProgress: VerifyProgress = () => {}): Promise<LogDescription> {
  const chain = readHeads(directory, listFiles(directory));
  const { files } = chain;
  const ofSegments = chain.segments.reduce((sum, { size }) => sum + size, 0);
  const snapshot = await checkSnapshot(chain, (read, size) => onProgress(read, size + ofSegments));
  let read = snapshot.description?.bytes ?? 0;
  const total = read + ofSegments;
  const walked = chain.segments.map((segment) => {
    const walk = walkThrough(segment, chain, (offset) => onProgress(read + offset, total));
    read += segment.size;
    return walk;
  });
  const damages = [findGap(chain), ...walked.map(({ end }) => end.damage), walked.at(-1)?.early];
  const damage =
    snapshot.damage ?? damages.reduce((one, other) => (other && (!one || other.position < one.position) ? other : one), undefined);
  const torn = walked.at(-1)?.end.torn ?? 0;
  return {
    directory,
    epoch: chain.control?.epoch,
    snapshot: snapshot.description,
    segments: walked.map(({ description }) => description),
    torn: torn === 0 || damage !== undefined ? undefined : { bytes: torn, at: walked.at(-1)!.description.last + 1 },
    damage,
    others: [...files.spares.map(spareName), ...files.unfinished],
  };
}

async function checkSnapshot(
  { directory, snapshot }: Chain,
  onProgress: VerifyProgress,
): Promise<{ description?: SnapshotDescription; damage?: Damage }> {
  if (snapshot === 0) return {};
  const file = snapshotName(snapshot);
  try {
    const { size, count, format } = checkFrames(directory, file, snapshot);
    const description = { file, position: snapshot, bytes: size, chunks: count, format };
    let read = 0;
    for await (const chunk of readChunks(directory, snapshot)) onProgress((read += chunk.length), size);
    return { description };
  } catch (error) {
    if (error instanceof LogDamage) return { damage: error.damage };
    throw error;
  }
}

/** A segment that was gone through. */
interface WalkedSegment {
  readonly description: SegmentDescription;
  readonly end: SegmentEnd;
  /** Set if it ends before the snapshot. */
  readonly early: Damage | undefined;
}

function walkThrough(segment: Segment, chain: Chain, onProgress: (offset: number) => void): WalkedSegment {
  using walk = new SegmentWalk(segment, chain.snapshot + 1);
  while (walk.next()) onProgress(walk.offset);
  const { file, size, first } = segment;
  const description = { file, bytes: size, first, last: walk.position, end: walk.offset };
  return { description, end: segmentEnd(walk, chain), early: earlyEnd(walk, chain) };
}
