/**
 * Counts the words of all text files under a directory, with four processes:
 *
 *     node dist/examples/wordcount/main.js [directory] [--address ADDR] [--keep]
 *
 * The workers take file names from a shared queue, add their counts to a shared dict and report
 * progress in a shared value. Then one process counts the same files alone, to check the result.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Manager } from 'commonhold';
import { countWords, differences, topWords, totalOf, type Counts } from './count.js';
import { findTextFiles, megabytes, readText, type TextFile } from './files.js';
import { showProgress } from './progress.js';

const WORKERS = 4;
const TOP = 20;
const OWN_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

interface Options {
  directory: string;
  /** A running manager; without it the program starts its own. */
  address: string | undefined;
  /** Leave the objects under fixed names, for others to look at. */
  keep: boolean;
}

async function main(): Promise<void> {
  const { directory, address, keep } = readOptions();
  const { files, skipped } = await findTextFiles(directory);
  for (const problem of skipped) report(problem);
  console.log(`${files.length} files, ${megabytes(files)} in ${directory}`);

  await using manager = address === undefined ? await Manager.start() : await Manager.connect(address);
  const together = await timed(() => countTogether(manager, files, keep));
  for (const [word, count] of topWords(together.result, TOP)) console.log(`${String(count).padStart(10)}  ${word}`);

  const alone = await timed(() => countAlone(files));
  check(together.result, alone.result);
  console.log(`${WORKERS} processes: ${seconds(together.time)}, one process: ${seconds(alone.time)}`);
}

/** Counts with workers, over shared objects. */
async function countTogether(manager: Manager, files: TextFile[], keep: boolean): Promise<Counts> {
  const nameOf = (what: string): string | undefined => (keep ? `wordcount:${what}` : undefined);
  const words = manager.dict<string, number>(nameOf('words'));
  const queue = manager.queue<TextFile>(nameOf('files'));
  const done = manager.value(nameOf('done'), 0);
  const destroyAll = () => Promise.all([words.destroy(), queue.destroy(), done.destroy()]);

  if (keep) await destroyAll(); // what an earlier run left
  try {
    await queue.putMany(files);
    await queue.shutdown(); // no more will come: the workers end when it is empty
    const workers = Array.from({ length: WORKERS }, () =>
      manager.fork<typeof import('./worker.js')>(new URL('./worker.js', import.meta.url), queue, words, done),
    );

    const results = Promise.all(workers.map((worker) => worker.result));
    const total = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const skipped of await showProgress(() => done.get(), total, results)) skipped.forEach(report);
    return await words.toMap();
  } finally {
    if (!keep) await destroyAll();
  }
}

/** Counts the same files in this process alone. */
async function countAlone(files: TextFile[]): Promise<Counts> {
  const counts: Counts = new Map();
  for (const file of files) {
    const text = await readText(file).catch(() => ''); // a worker has reported it
    countWords(text, counts);
  }
  return counts;
}

function check(together: Counts, alone: Counts): void {
  const wrong = differences(alone, together);
  if (wrong.length === 0) {
    console.log(`check: ok, ${totalOf(together)} words, ${together.size} distinct`);
    return;
  }
  console.log(`check: FAILED, ${wrong.length} words differ`);
  for (const { word, expected, actual } of wrong.slice(0, TOP)) console.log(`  ${word}: ${actual}, should be ${expected}`);
  process.exitCode = 1;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    options: { address: { type: 'string' }, keep: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new Error('one directory at a time');
  return {
    directory: positionals[0] ?? OWN_MODULES,
    address: values.address ?? process.env['COMMONHOLD_ADDRESS'],
    keep: values.keep,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; time: number }> {
  const start = performance.now();
  const result = await work();
  return { result, time: performance.now() - start };
}

function seconds(time: number): string {
  return `${(time / 1000).toFixed(1)} s`;
}

function report(problem: string): void {
  console.error(`skipped ${problem}`);
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
