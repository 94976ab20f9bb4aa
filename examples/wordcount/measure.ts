import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { countWords, type Counts } from './count.js';
import { problemOf, type TextFile } from './files.js';

/** What a file is like, or why it could not be read. */
export type Measure = { readonly sha256: string; readonly gzipped: number } | { readonly problem: string };

/** Hashes and compresses a file, and adds its words to the counts. */
export async function measure(file: TextFile, counts: Counts): Promise<Measure> {
  try {
    const bytes = await readFile(file.path);
    countWords(bytes.toString(), counts);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), gzipped: gzipSync(bytes).length };
  } catch (error) {
    return { problem: problemOf(file.path, error) };
  }
}
