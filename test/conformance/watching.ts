import type { Manager } from '../../client/index.js';

/** Returns the next items of an iteration, which stays open. */
export async function take<T>(iterator: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) items.push(await one(iterator));
  return items;
}

/** Returns the next item of an iteration, which stays open. */
export async function one<T>(iterator: AsyncIterator<T>): Promise<T> {
  const next = await iterator.next();
  if (next.done) throw new Error('the iteration ended');
  return next.value;
}

/** Changes without their revisions, which differ from run to run. */
export function plain<C extends { readonly revision: number }>(changes: readonly C[]): Omit<C, 'revision'>[] {
  return changes.map(({ revision: _revision, ...rest }) => rest);
}

/** True if each change is of a later revision than the one before. */
export function grow(changes: readonly { readonly revision: number }[]): boolean {
  return changes.every(({ revision }, index) => index === 0 || revision > changes[index - 1]!.revision);
}

/** A watch of one client that has reached the manager: it reports the changes of all clients from now on. */
export async function begun<W>(client: Manager, watch: W): Promise<W> {
  await client.stats();
  return watch;
}
