/**
 * Counts the words of all text files under a directory, hashes and compresses each, with as many processes as there are cores:
 *
 *     node dist/examples/wordcount/main.js [directory] [--address ADDR] [--keep]
 *
 * The workers take chunks of files from a shared queue, merge their counts into a shared dict and report progress in a shared value. In the
 * middle one of them is killed. Then one process does the same alone, and the results are equal.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Manager, type WorkerHandle } from 'commonhold';
import { differences, topWords, totalOf, type Counts } from './count.js';
import { chunksOf, findTextFiles, megabytes, sizeOf, type TextFile } from './files.js';
import { measure, type Measure } from './measure.js';
import { showProgress } from './progress.js';
import type { Job } from './worker.js';

const WORKER = new URL('./worker.js', import.meta.url);
const WORKERS = availableParallelism();
/** Share of the remaining work for each chunk. A worker that dies loses at most its chunk. */
const SHARE = 1 / (16 * WORKERS);
/** A few hundredths of a second of work, to which the calls to the manager add a few milliseconds. */
const LEAST_BYTES = 100_000;
const TOP = 20;
const OWN_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

interface Options {
  directory: string;
  /** Address of a running manager; without it the program starts its own. */
  address: string | undefined;
  /** Leave the objects under fixed names, so that other programs can read them. */
  keep: boolean;
}

interface Outcome {
  words: Counts;
  files: Map<string, Measure>;
}

async function main(): Promise<void> {
  const { directory, address, keep } = readOptions();
  const { files, skipped } = await findTextFiles(directory);
  for (const problem of skipped) report(problem);
  console.log(`${files.length} files, ${megabytes(sizeOf(files))} in ${directory}`);

  await using manager = address === undefined ? await Manager.start() : await Manager.connect(address);
  const together = await timed(() => workTogether(manager, files, keep));
  for (const [word, count] of topWords(together.result.words, TOP)) console.log(`${String(count).padStart(10)}  ${word}`);

  const alone = await timed(() => workAlone(files));
  check(together.result, alone.result);
  console.log(`${WORKERS} workers on ${WORKERS} cores: ${seconds(together.time)}, one process: ${seconds(alone.time)}`);
  console.log(`${(alone.time / together.time).toFixed(2)} times as fast`);
}

/** Runs the work in other processes, over shared objects. */
async function workTogether(manager: Manager, files: TextFile[], keep: boolean): Promise<Outcome> {
  const nameOf = (what: string): string | undefined => (keep ? `wordcount:${what}` : undefined);
  const job: Job = {
    chunks: manager.queue(nameOf('chunks')),
    words: manager.dict(nameOf('words')),
    files: manager.dict(nameOf('files')),
    done: manager.value(nameOf('done'), 0),
  };
  const destroyAll = () => Promise.all([job.chunks, job.words, job.files, job.done].map((object) => object.destroy()));

  if (keep) await destroyAll(); // objects of an earlier run
  try {
    await job.done.create();
    await job.chunks.putMany(chunksOf(files, SHARE, LEAST_BYTES));
    await job.chunks.shutdown(); // no more chunks follow: the workers end when the queue is empty

    const crew = new Crew(manager, job);
    const total = sizeOf(files);
    await showProgress(() => job.done.get(), total, Promise.all([crew.work(), crew.loseOne(total)]));

    const [words, measures] = await Promise.all([job.words.toMap(), job.files.toMap()]);
    for (const measured of measures.values()) if ('problem' in measured) report(measured.problem);
    return { words, files: measures };
  } finally {
    if (!keep) await destroyAll();
  }
}

/** The workers, one of which is killed and replaced. */
class Crew {
  readonly #working = new Set<WorkerHandle<void>>();
  #victim: WorkerHandle<void> | undefined;

  constructor(
    private readonly manager: Manager,
    private readonly job: Job,
  ) {}

  /** Runs workers until all chunks are done. */
  async work(): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, () => this.#run()));
  }

  /** Kills a worker when half of the bytes are done, if work remains. */
  async loseOne(total: number): Promise<void> {
    for await (const bytes of this.job.done.watch()) {
      if (bytes >= total) return;
      if (bytes < total / 2) continue;
      [this.#victim] = this.#working;
      await this.#victim?.kill();
      console.error(`killed ${this.#victim?.name}: another worker gets its chunk`);
      return;
    }
  }

  async #run(): Promise<void> {
    const worker = this.manager.fork<typeof import('./worker.js')>(WORKER, this.job);
    this.#working.add(worker);
    try {
      await worker.result;
    } catch (error) {
      if (worker !== this.#victim) throw error;
      await this.#run();
    } finally {
      this.#working.delete(worker);
    }
  }
}

/** Does the same in this process alone. */
function workAlone(files: TextFile[]): Outcome {
  const outcome: Outcome = { words: new Map(), files: new Map() };
  for (const file of files) outcome.files.set(file.path, measure(file, outcome.words));
  return outcome;
}

function check(together: Outcome, alone: Outcome): void {
  const wrong = differences(alone.words, together.words);
  const wrongFiles = [...alone.files].filter(([path, measured]) => !isDeepStrictEqual(measured, together.files.get(path)));
  if (wrong.length + wrongFiles.length === 0) {
    console.log(`check: ok, ${totalOf(together.words)} words, ${together.words.size} distinct`);
    return;
  }
  console.log(`check: FAILED, ${wrong.length} words and ${wrongFiles.length} files differ`);
  for (const { word, expected, actual } of wrong.slice(0, TOP)) console.log(`  ${word}: ${actual}, should be ${expected}`);
  for (const [path] of wrongFiles.slice(0, TOP)) console.log(`  ${path}`);
  process.exitCode = 1;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    options: { address: { type: 'string' }, keep: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new Error('give one directory');
  return {
    directory: positionals[0] ?? OWN_MODULES,
    address: values.address ?? process.env['COMMONHOLD_ADDRESS'],
    keep: values.keep,
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ result: T; time: number }> {
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
