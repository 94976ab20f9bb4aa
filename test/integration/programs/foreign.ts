import type { SharedList } from 'commonhold';

/** Returns the items of a list, and adds one. */
export default async function (list: SharedList<string>, item: string): Promise<string[]> {
  const before = await list.toArray();
  await list.push(item);
  return before;
}
