import type { RoundAnswer, RoundRequest } from '../rounds.js';
import { repeatFor } from './repeat.js';
import { secondsOf } from './serve.js';

/** Operation of the rows of `shared-list`. */
export type ListOperation = 'at' | 'push';

/** The list of `shared-list`, of commonhold or a plain one. */
export interface NumberList {
  at(index: number): number | undefined;
  push(value: number): unknown;
  clear(): void;
}

/** Number of items that are read; pushes grow the list to ten times as many, and start again. */
export const LIST_LENGTH = 10_000;
export const LONGEST_LIST = 100_000;

/** Reads item by item, or pushes, for the span of a round. */
export function overItems(operation: ListOperation, list: NumberList): (request: RoundRequest) => RoundAnswer {
  for (let index = 0; index < LIST_LENGTH; index++) list.push(index);
  const call = operation === 'at' ? read : push;
  return (request) => repeatFor(secondsOf(request), call);

  function read(n: number): void {
    const index = n % LIST_LENGTH;
    const value = list.at(index);
    if (value !== index) throw new Error(`${value} came for index ${index}`);
  }
  function push(n: number): void {
    if (n % LONGEST_LIST === 0) list.clear();
    list.push(n);
  }
}
