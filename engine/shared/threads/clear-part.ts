import type { ObjectAddress } from '../memory/place.js';

/** Serial of the directory's first entry, and the one that means that no entries remain. */
export const FIRST = 1;
export const DONE = Infinity;

/**
 * Clears away a part of what a dead thread left. Each part can be done twice.
 * @param slot that of the dead thread
 * @param from serial of the directory's entry to begin with
 * @param first an object to clear before all others
 * @returns the serial to continue with, or DONE
 */
export type ClearPart = (slot: number, token: number, from: number, first: ObjectAddress | undefined) => number;
