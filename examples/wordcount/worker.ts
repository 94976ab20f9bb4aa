import type { SharedDict, SharedQueue, SharedValue } from 'commonhold';
import { countWords, type Counts } from './count.js';
import { problemOf, readText, type TextFile } from './files.js';

/** Distinct words that a worker gathers before it adds them to the shared dict. */
const MERGE_AT = 100_000;

/** Counts files of the queue until it is shut down and empty. Answers what it could not read. */
export default async function countFiles(
  files: SharedQueue<TextFile>,
  words: SharedDict<string, number>,
  done: SharedValue<number>,
): Promise<string[]> {
  const counts: Counts = new Map();
  const skipped: string[] = [];
  for await (const file of files) {
    try {
      countWords(await readText(file), counts);
    } catch (error) {
      skipped.push(problemOf(file.path, error));
    }
    if (counts.size >= MERGE_AT) await merge(counts, words);
    await done.add(file.bytes);
  }
  await merge(counts, words);
  return skipped;
}

async function merge(counts: Counts, words: SharedDict<string, number>): Promise<void> {
  // Calls made in one tick travel together; each is atomic, so the workers do not disturb each other.
  await Promise.all(Array.from(counts, ([word, count]) => words.add(word, count)));
  counts.clear();
}
