import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface TextFile {
  path: string;
  bytes: number;
}

/** Cost of opening a file, as a number of bytes whose processing takes as long. */
const FILE_COST = 1_000;
const TEXT = /\.(md|txt|ts)$/;

/**
 * Returns all text files under a directory, the largest first, so that no large one is left to a single worker at the end. Does not follow
 * symbolic links. Skips subdirectories that cannot be read.
 */
export async function findTextFiles(root: string): Promise<{ files: TextFile[]; skipped: string[] }> {
  const files: TextFile[] = [];
  const skipped: string[] = [];
  const directories = [root];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    try {
      for (const entry of await readdir(directory, { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) directories.push(path);
        else if (entry.isFile() && TEXT.test(entry.name)) files.push({ path, bytes: await bytesIn(path) });
      }
    } catch (error) {
      if (directory === root) throw error;
      skipped.push(problemOf(directory, error));
    }
  }
  files.sort((a, b) => b.bytes - a.bytes);
  return { files, skipped };
}

/**
 * Divides the files into chunks, in their order. Each chunk is this share of the work that is left, but not less than `least`: large
 * chunks first, which are merged seldom, and small ones last, so that all workers end at about the same time. Never divides a file.
 */
export function* chunksOf(files: readonly TextFile[], share: number, least: number): Generator<TextFile[]> {
  let left = sizeOf(files) + FILE_COST * files.length;
  let chunk: TextFile[] = [];
  let size = 0;
  for (const file of files) {
    chunk.push(file);
    size += file.bytes + FILE_COST;
    if (size < Math.max(left * share, least)) continue;
    yield chunk;
    left -= size;
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/** Returns the total size of the files in bytes. */
export function sizeOf(files: readonly TextFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

export function problemOf(path: string, error: unknown): string {
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Returns the size of a file; 0 if it is unknown, which the attempt to read the file will explain. */
async function bytesIn(path: string): Promise<number> {
  return lstat(path).then(
    (stats) => stats.size,
    () => 0,
  );
}
