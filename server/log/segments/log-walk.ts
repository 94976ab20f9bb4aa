import { join } from 'node:path';
import { OutOfRangeError } from '../../../proto/errors.js';
import { readChain, type Chain } from './chain.js';
import { LogDamage, type Damage } from './damage.js';
import { FileDescriptor, segmentName } from './files.js';
import { FIRST_RECORD } from './format.js';
import { scanRemains, SegmentWalk, type Remains, type Segment } from './segment-walk.js';

/**
 * Goes through the records of a log from a position on, up to the last complete one. Yields at each record the walk that is there. A leader
 * may append meanwhile.
 * @throws OutOfRangeError if a snapshot has replaced some of these records
 * @throws DamagedLogError at the first record that is lost although it was durable
 */
export function* walkLog(directory: string, from: number): Generator<SegmentWalk> {
  const { segments, snapshot } = readChain(directory);
  if (from < (segments[0]?.first ?? snapshot + 1)) throw dropped(directory, from);
  let segment = segments.findLast(({ first }) => first <= from);
  while (segment !== undefined) {
    using walk: SegmentWalk = new SegmentWalk(segment, snapshot + 1);
    let end: SegmentEnd | undefined;
    while (end === undefined) {
      while (walk.next()) if (walk.position >= from) yield walk;
      end = segmentEnd(walk, readChain(directory));
      // A leader may have appended more before it did what was found behind the end.
      if (!walk.next()) continue;
      end = undefined;
      if (walk.position >= from) yield walk;
    }
    if (end.damage !== undefined) throw new LogDamage(directory, end.damage);
    segment = end.following;
  }
}

/** The state of a segment behind its last complete record. */
export interface SegmentEnd {
  readonly following?: Segment | undefined;
  /** Set if a record that was durable should be there. */
  readonly damage?: Damage;
  /** Size of the remains of records that were not durable. */
  readonly torn: number;
}

/**
 * Describes the end of a segment, as the walk through it found it.
 * @throws OutOfRangeError if the segment was dropped
 */
export function segmentEnd(walk: SegmentWalk, chain: Chain): SegmentEnd {
  const { directory, segments, unbegun } = chain;
  const at = segments.findIndex(({ number }) => number === walk.segment.number);
  if (at === -1) throw dropped(directory, walk.position + 1);
  const following = segments[at + 1];
  if (following !== undefined) return { following, torn: 0, ...mismatch(walk, following) };
  const remains = walk.remains();
  if (remains.durable > walk.position) return { torn: remains.bytes, damage: lostRecord(walk) };
  const behind = unbegun === undefined ? undefined : unbegunRemains(walk, directory, unbegun);
  if (behind === undefined || behind.durable <= walk.position) return { torn: remains.bytes + (behind?.bytes ?? 0) };
  const later = readChain(directory);
  // The leader began the segment meanwhile.
  if (later.unbegun !== unbegun) return segmentEnd(walk, later);
  const damage = { file: segmentName(unbegun!), offset: 0, position: walk.position + 1, reason: 'its header is damaged' };
  return { torn: behind.bytes, damage };
}

/** Returns why a segment cannot follow on the last record of the one before. It was begun when all records of that one were durable. */
function mismatch(walk: SegmentWalk, following: Segment): { damage: Damage } | undefined {
  const expected = walk.position + 1;
  if (following.first > expected) return { damage: lostRecord(walk) };
  if (following.first === expected) return undefined;
  const reason = `its first record is ${following.first}, which ${walk.segment.file} has too`;
  return { damage: { file: following.file, offset: 0, position: expected, reason } };
}

/** Returns the damage of a log that ends before its snapshot: that was published when the records up to it were durable. */
export function earlyEnd(walk: SegmentWalk, { snapshot }: Chain): Damage | undefined {
  if (walk.position >= snapshot) return undefined;
  return { ...lostRecord(walk), reason: `the log ends there, before the last record of its snapshot, ${snapshot}` };
}

function lostRecord(walk: SegmentWalk): Damage {
  return { file: walk.segment.file, offset: walk.offset, position: walk.position + 1, reason: 'the record there is not as it was written' };
}

/** Looks for records in a segment without a header. Their checksums cannot be compared without its salt. */
function unbegunRemains(walk: SegmentWalk, directory: string, number: number): Remains {
  using file = FileDescriptor.open(join(directory, segmentName(number)), 'r');
  const expectation = { salt: undefined, expected: walk.position + 1, epoch: walk.epoch };
  return scanRemains(file.fd, file.size, FIRST_RECORD, expectation, true);
}

function dropped(directory: string, position: number): OutOfRangeError {
  return new OutOfRangeError(`the log in ${directory} no longer has the record ${position}: begin with the snapshot`);
}
