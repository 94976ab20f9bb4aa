import { closeSync, openSync, writeSync } from 'node:fs';
import { readChain } from '../../server/log/segments/chain.js';
import { findTail } from '../../server/log/segments/tail.js';
import { drawing } from '../support/random.js';

/** Bytes that a disk writes as a whole. */
const SECTOR = 512;
const NOTHING = new Uint8Array(SECTOR);

/**
 * Loses a part of the writes that a killed daemon had not flushed, sector by sector, as if the power had failed with it. The daemon was
 * killed between a write and its flush: records that no block says are durable were never flushed.
 * @returns the number of bytes that were lost
 */
export function tear(directory: string, seed: number): number {
  const { segment, offset, unproven } = findTail(readChain(directory));
  if (segment === undefined) return 0;
  const draw = drawing(seed);
  // From all of it to one sector in eight.
  const share = 1 + draw(8);
  const file = openSync(segment.path, 'r+');
  let lost = 0;
  for (let at = unproven; at < offset; at += SECTOR - (at % SECTOR)) {
    if (draw(share) > 0) continue;
    lost += writeSync(file, NOTHING, 0, Math.min(SECTOR - (at % SECTOR), offset - at), at);
  }
  closeSync(file);
  return lost;
}
