import type { SharedDict } from '../objects/dict.js';

/** Number of keys that one call removes. */
const PAGE = 1000;

/** An entry to store, with the milliseconds after which it ends, if it does. */
export interface EndingEntry {
  readonly key: string;
  readonly value: unknown;
  readonly ttl?: number | undefined;
}

/** Stores entries in one round trip: those with the same end by one call, atomically. */
export async function setEntries(dict: SharedDict<string>, entries: readonly EndingEntry[]): Promise<void> {
  const byEnd = new Map<number | undefined, [string, unknown][]>();
  for (const { key, value, ttl } of entries) {
    const group = byEnd.get(ttl);
    if (group === undefined) byEnd.set(ttl, [[key, value]]);
    else group.push([key, value]);
  }
  await Promise.all(Array.from(byEnd, ([ttl, group]) => dict.setMany(group, { ttl })));
}

/** Removes the keys that begin with a prefix, a page at a time; all keys, in one call, if there is no prefix. */
export async function clearPrefix(dict: SharedDict<string>, prefix: string | undefined): Promise<void> {
  if (!prefix) return dict.clear();
  let keys: string[] = [];
  for await (const key of dict.keys({ prefix })) {
    if (keys.push(key) < PAGE) continue;
    await dict.deleteMany(keys);
    keys = [];
  }
  await dict.deleteMany(keys);
}
