import type { SharedDict, SharedQueue } from 'commonhold';

/** Destroys the dicts that it gets, one list of them after the other. */
export default async function (lists: SharedQueue<SharedDict<string, number>[]>, done: SharedQueue<boolean>): Promise<void> {
  for await (const dicts of lists) {
    for (const dict of dicts as SharedDict<string, number>[]) await dict.destroy();
    await done.put(true);
  }
}
