import type { SharedList } from 'commonhold';

/** Tells what is in a list, and adds to it. */
export default async function (list: SharedList<string>, item: string): Promise<string[]> {
  const before = await list.toArray();
  await list.push(item);
  return before;
}
