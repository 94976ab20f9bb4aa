/** Number of occurrences of each word. A Map, because `constructor` and `__proto__` are words as well. */
export type Counts = Map<string, number>;

export interface Difference {
  word: string;
  expected: number;
  actual: number;
}

/** Letters, accents, digits and `_`, not beginning with a digit; and `'` inside, as in "don't". */
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:'\p{L}+)*/gu;

/** Adds the words of a text, in lower case, to the counts. */
export function countWords(text: string, counts: Counts): void {
  for (const word of text.toLowerCase().match(WORD) ?? []) {
    const count = counts.get(word);
    if (count === undefined) counts.set(detached(word), 1);
    else counts.set(word, count + 1);
  }
}

/** Returns the most frequent words, the most frequent one first, equal ones in alphabetical order. */
export function topWords(counts: Counts, limit: number): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, limit);
}

export function totalOf(counts: Counts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** Returns the words whose counts differ. */
export function differences(expected: Counts, actual: Counts): Difference[] {
  const words = new Set([...expected.keys(), ...actual.keys()]);
  return [...words]
    .map((word) => ({ word, expected: expected.get(word) ?? 0, actual: actual.get(word) ?? 0 }))
    .filter((count) => count.expected !== count.actual);
}

/** Copies the word, because a match refers to its text and would keep all of it alive. */
function detached(word: string): string {
  return Buffer.from(word).toString();
}
