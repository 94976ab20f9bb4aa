import type { ObjectAddress } from '../memory/place.js';

/** Serial of the first entry of the directory, and one behind all others. */
export const FIRST = 1;
export const DONE = Infinity;

/**
 * Clears away a part of what a thread left that is gone. Each part can be done twice.
 * @param slot the thread's
 * @param from serial of the directory's entry to begin with
 * @param first an object to clear before all others
 * @returns the serial to go on with, or DONE
 */
export type ClearPart = (slot: number, token: number, from: number, first: ObjectAddress | undefined) => number;
