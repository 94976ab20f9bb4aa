import type { SharedList } from 'commonhold';

let told: SharedList<string>;

export function initialize(list: SharedList<string>): void {
  told = list;
}

/** Tells the list, which still works, and then fails if its name says so. */
export async function teardown(): Promise<void> {
  await told.push('torn down');
  if (told.name.startsWith('failing')) throw new Error('teardown failed');
}

export default (value: number): number => value;
