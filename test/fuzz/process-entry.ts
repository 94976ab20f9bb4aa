/**
 * Gives inputs to a target: the process of its own that {@link fuzz} starts.
 *
 *     node process-entry.js MODULE SEED INPUTS JOURNAL
 *
 * Prints its figures as JSON. If the target fails, prints the error, and exits with 1.
 */
import { Journal } from './journal.js';
import type { FuzzedFigures } from './fuzzer.js';
import type { Target } from './target.js';

const [module, firstSeed, wanted, path] = process.argv.slice(2) as [string, string, string, string];
/** Frames of an error that are printed. */
const SHOWN_FRAMES = 30;

const { target } = (await import(module)) as { target: Target };
const figures: FuzzedFigures = { inputs: 0, slowest: { ms: 0, seed: 0, number: 0 }, residentBytes: 0 };
using journal = new Journal(path, 'r+');
/** Refusals are errors, most of the time of which would be spent on stacks that nothing reads. */
Error.stackTraceLimit = 0;
for (let seed = Number(firstSeed); figures.inputs < Number(wanted); seed++) {
  try {
    await round(seed);
  } catch (error) {
    console.log(String(await withStack(seed, error)));
    process.exit(1);
  }
}
await target.close?.();
console.log(JSON.stringify(figures));

async function round(seed: number): Promise<void> {
  const round = await target.begin(seed);
  for (let number = 0; number < target.inputs; number++) {
    const input = round.next();
    journal.write(seed, number, figures.inputs, input);
    const begin = performance.now();
    const taken = round.take(input);
    if (taken !== undefined) await taken;
    const ms = performance.now() - begin;
    if (ms > figures.slowest.ms) figures.slowest = { ms, seed, number };
    figures.inputs++;
  }
  await round.end?.();
  figures.residentBytes = Math.max(figures.residentBytes, process.memoryUsage.rss());
}

/** Runs the round again for the stack of its error. */
async function withStack(seed: number, error: unknown): Promise<unknown> {
  Error.stackTraceLimit = SHOWN_FRAMES;
  try {
    await round(seed);
  } catch (again) {
    return (again as Error).stack ?? again;
  }
  return `${String(error)} (not when the round was repeated in the same process)`;
}
