import type { RoundAnswer, RoundRequest } from '../rounds.js';
import { NEAR_KEYS } from './near.js';
import { repeatFor } from './repeat.js';
import { secondsOf } from './serve.js';

/** Operation of the rows of `shared-dict`. */
export type DictOperation = 'get' | 'set';

/** The dict of `shared-dict`, of commonhold or a peer: each key has its index as its value. */
export interface NumberMap {
  get(key: string): number | undefined;
  set(key: string, value: number): unknown;
}

/** The keys, each with its index. */
export const INDEXED_KEYS: readonly (readonly [string, number])[] = NEAR_KEYS.map((key, index) => [key, index]);

/** Reads, or writes, key by key for the span of a round. Writes store the value that the key has, so that reads can be checked. */
export function overKeys(operation: DictOperation, map: NumberMap): (request: RoundRequest) => RoundAnswer {
  const call = operation === 'get' ? read : write;
  return (request) => repeatFor(secondsOf(request), call);

  function read(n: number): void {
    const index = n % NEAR_KEYS.length;
    const value = map.get(NEAR_KEYS[index]!);
    if (value !== index) throw new Error(`${value} came for key ${index}`);
  }
  function write(n: number): void {
    const index = n % NEAR_KEYS.length;
    map.set(NEAR_KEYS[index]!, index);
  }
}
