import type { SharedDict, SharedValue } from 'commonhold';

/** Adds to a value and to the keys of a dict, `times` times: by `sync` in a thread of the home, elsewhere through the manager. */
export default async function (
  hits: SharedValue<number>,
  counts: SharedDict<string, number>,
  times: number,
  how: 'sync' | 'await',
): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const key = `key ${turn % 3}`;
    if (how === 'sync') {
      hits.sync.add(1);
      counts.sync.add(key);
    } else {
      await Promise.all([hits.add(1), counts.add(key)]);
    }
  }
}
