/**
 * Gives mutated inputs to everything that reads bytes of clients, of a manager, or of a log:
 *
 *     SEED=… INPUTS=… TARGET=… node dist/test/fuzz/main.js
 *
 * Without TARGET, each target gets its share of the inputs. A failure is printed with its input and the seed that makes it again, and the run
 * exits with 1.
 */
import { fuzz } from './fuzzer.js';
import { TARGETS, type ListedTarget } from './targets.js';

/** Inputs of a run that does not say how many. */
const INPUTS = 10_000_000;
/** Time in milliseconds after which an input hangs. */
const HANG_MS = 20_000;
/** Number of inputs after which the figures are printed. */
const PORTION = 250_000;

const { env } = process;
const seed = Number(env['SEED'] || Math.floor(Date.now() / 1000));
const inputs = Number(env['INPUTS'] || INPUTS);
const chosen = TARGETS.filter(({ name }) => !env['TARGET'] || name === env['TARGET']);
if (chosen.length === 0)
  throw new Error(`there is no target "${env['TARGET']}": give one of ${TARGETS.map(({ name }) => name).join(', ')}`);
console.log(`${inputs} inputs, from seed ${seed} on`);
for (const target of chosen) await fuzzTarget(target, Math.ceil(chosen.length === 1 ? inputs : inputs * target.share));

async function fuzzTarget({ name, module }: ListedTarget, inputs: number): Promise<void> {
  const begin = performance.now();
  const line = (done: number, rest = ''): void => {
    const perSecond = Math.round((1000 * done) / (performance.now() - begin));
    console.log(`${name}: ${done} inputs, ${perSecond} a second${rest}`);
  };
  let portion = PORTION;
  const progress = (done: number): void => {
    if (done < portion) return;
    line(done);
    portion = done + PORTION;
  };
  const result = await fuzz({ module, seed, inputs, hangMs: HANG_MS, progress });
  if ('report' in result) {
    console.log(`${name}: ${result.report}\n\nAgain: make fuzz TARGET=${name} SEED=${result.seed} INPUTS=1`);
    process.exitCode = 1;
    return;
  }
  const { slowest, residentBytes } = result;
  const mebibytes = Math.round(residentBytes / 1024 / 1024);
  line(
    result.inputs,
    `, slowest ${Math.round(slowest.ms)} ms (input ${slowest.number} of seed ${slowest.seed}), ${mebibytes} MiB resident`,
  );
}
