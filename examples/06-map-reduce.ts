// Counts words of real files by map and reduce in a pool of processes: the map counts the words of a file, the reduce merges counts two by
// two until one is left. Then one process counts alone.
//
//     node dist/examples/06-map-reduce.js [directory]
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Manager } from 'commonhold';
import countOrMerge from './06-map-reduce.worker.js';

const COMPILER = fileURLToPath(new URL('../../node_modules/typescript/lib', import.meta.url));

async function filesIn(directory: string): Promise<string[]> {
  const paths = (await readdir(directory, { recursive: true })).map((path) => join(directory, path));
  const isFile = await Promise.all(paths.map(async (path) => /\.(ts|md|txt|json)$/.test(path) && (await lstat(path)).isFile()));
  return paths.filter((_, index) => isFile[index]);
}

const directory = process.argv[2] ?? COMPILER;
const files = await filesIn(directory);

await using manager = await Manager.start();
await using pool = manager.pool<typeof import('./06-map-reduce.worker.js')>(new URL('./06-map-reduce.worker.js', import.meta.url), {
  processes: 4,
});

let last = 0;
let counts = await pool.map(files, { onProgress: ({ done }) => (last = done) });
console.log(`every file was mapped: ${last === files.length && counts.length === files.length}`);

let rounds = 0;
while (counts.length > 1) {
  const pairs = Array.from({ length: Math.ceil(counts.length / 2) }, (_, pair) => counts.slice(2 * pair, 2 * pair + 2));
  counts = await pool.map(pairs);
  rounds++;
}
console.log(`they were reduced in as many rounds as the files can be halved: ${rounds === Math.ceil(Math.log2(files.length))}`);

const together = counts[0] ?? new Map<string, number>();
const alone = new Map<string, number>();
for (const file of files) for (const [word, count] of await countOrMerge(file)) alone.set(word, (alone.get(word) ?? 0) + count);
const same = together.size === alone.size && [...alone].every(([word, count]) => together.get(word) === count);
console.log(`four processes and one count the same: ${same}`);

if (process.argv[2] !== undefined) {
  const top = [...together].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 10);
  for (const [word, count] of top) console.log(`${String(count).padStart(8)}  ${word}`);
}
