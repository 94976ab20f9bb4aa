/** Returns a random integer from 0 up to and without the limit. */
export type Draw = (limit: number) => number;

/** Returns a source of random integers, which gives the same sequence for the same seed. */
export function drawing(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
