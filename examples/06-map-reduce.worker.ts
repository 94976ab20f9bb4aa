import { readFile } from 'node:fs/promises';

export type Counts = Map<string, number>;

/** Counts the words of a file, or adds counts up. */
export default async function countOrMerge(input: string | Counts[]): Promise<Counts> {
  return typeof input === 'string' ? count(await readFile(input, 'utf8')) : merge(input);
}

function count(text: string): Counts {
  const counts: Counts = new Map();
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function merge([first, ...others]: Counts[]): Counts {
  const sum: Counts = new Map(first);
  for (const counts of others) for (const [word, count] of counts) sum.set(word, (sum.get(word) ?? 0) + count);
  return sum;
}
