import type { SharedList } from 'commonhold';

let first: SharedList<number>;

/** Keeps a list for later tasks. */
export function initialize(list: SharedList<number>): void {
  first = list;
}

/** Returns the length of a list, by default that of `initialize`. */
export default async function (list?: SharedList<number>): Promise<number> {
  return (list ?? first).length();
}
