import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { countWords, type Counts } from './count.js';
import { problemOf, type TextFile } from './files.js';

/** Properties of a file, or why it could not be read. */
export type Measure = { readonly sha256: string; readonly compressed: number } | { readonly problem: string };

/** Compresses slowly and to few bytes, as a build does for files that a web server sends many times. */
const QUALITY = 10;
/** Window sizes that brotli accepts, as powers of two. */
const [LEAST_WINDOW, LARGEST_WINDOW] = [constants.BROTLI_MIN_WINDOW_BITS, constants.BROTLI_DEFAULT_WINDOW];

/** Hashes and compresses a file, and adds its words to the counts. */
export function measure(file: TextFile, counts: Counts): Measure {
  try {
    const bytes = readFileSync(file.path);
    countWords(bytes.toString(), counts);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), compressed: compress(bytes).length };
  } catch (error) {
    return { problem: problemOf(file.path, error) };
  }
}

/** Uses a window just large enough for the file, because brotli clears tables of the window's size for each file. */
function compress(bytes: Buffer): Buffer {
  const window = Math.min(Math.max(Math.ceil(Math.log2(bytes.length + 16)), LEAST_WINDOW), LARGEST_WINDOW);
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: window } });
}
