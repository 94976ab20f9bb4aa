import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { countWords, type Counts } from './count.js';
import { problemOf, type TextFile } from './files.js';

/** What a file is like, or why it could not be read. */
export type Measure = { readonly sha256: string; readonly compressed: number } | { readonly problem: string };

/** As a build compresses what a web server will send: slower than for a single answer, and smaller. */
const QUALITY = { [constants.BROTLI_PARAM_QUALITY]: 7 };

/** Hashes and compresses a file, and adds its words to the counts. */
export function measure(file: TextFile, counts: Counts): Measure {
  try {
    const bytes = readFileSync(file.path);
    countWords(bytes.toString(), counts);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), compressed: brotliCompressSync(bytes, { params: QUALITY }).length };
  } catch (error) {
    return { problem: problemOf(file.path, error) };
  }
}
