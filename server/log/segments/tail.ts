import { type Chain } from './chain.js';
import { LogDamage } from './damage.js';
import { earlyEnd, segmentEnd } from './log-walk.js';
import { SegmentWalk, type Segment } from './segment-walk.js';

/** The end of a log, where the next leader goes on. */
export interface Tail {
  /** The segment with the last record; undefined if there is none. */
  readonly segment: Segment | undefined;
  /** Offset for the next record in it. */
  readonly offset: number;
  /** Offset of the first record that may not be on the disk yet; equal to `offset` if all are. */
  readonly unproven: number;
  /** Position of the last record. */
  readonly last: number;
  /** The latest epoch in the last segment. */
  readonly epoch: number;
  /** Size of the remains of records that were never durable. */
  readonly torn: number;
}

/**
 * Finds the end of a log that no leader writes to.
 * @throws DamagedLogError if records that were durable are missing there
 */
export function findTail(chain: Chain): Tail {
  const segment = chain.segments.at(-1);
  if (segment === undefined) return { segment, offset: 0, unproven: 0, last: chain.snapshot, epoch: 0, torn: 0 };
  using walk = new SegmentWalk(segment, chain.snapshot + 1);
  const starts = new UnprovenStarts();
  for (let start = walk.offset; walk.next(); start = walk.offset) starts.add(walk.position, start, Math.max(walk.durable, chain.snapshot));
  starts.dropTo(Math.max(walk.durable, chain.snapshot));
  const { damage = earlyEnd(walk, chain), torn } = segmentEnd(walk, chain);
  if (damage !== undefined) throw new LogDamage(chain.directory, damage);
  return { segment, offset: walk.offset, unproven: starts.first ?? walk.offset, last: walk.position, epoch: walk.epoch, torn };
}

/** Offsets of the records that no later block says were durable. */
class UnprovenStarts {
  /** Offsets, in order; the ones before #first are proven. */
  #starts: number[] = [];
  #first = 0;
  /** Position of the record of #starts[0]. */
  #from = 0;

  add(position: number, start: number, durable: number): void {
    if (this.#starts.length === 0) this.#from = position;
    this.#starts.push(start);
    this.dropTo(durable);
  }

  dropTo(durable: number): void {
    this.#first = Math.max(this.#first, durable - this.#from + 1);
    if (this.#first < this.#starts.length) return;
    this.#starts = [];
    this.#first = 0;
  }

  get first(): number | undefined {
    return this.#starts[this.#first];
  }
}
