// @ts-check
/**
 * Plants each of the bugs of test/mutations in a copy of the code, and runs simulated worlds until one of them fails:
 *
 *     node scripts/mutations.mjs [WORD…]    only the mutations with one of these words in their names
 *
 * Prints whether each was caught, and exits with 1 if one was not. A patch that does not apply any more ends the run.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** The code of a simulated world. */
const FOLDERS = ['proto', 'engine', 'server', 'client', 'test/simulation', 'test/support'];
const PATCHES = resolve('test/mutations');
/** Most worlds for one mutation, and the time after which it counts as not caught. */
const WORLDS = 1000;
const LONGEST_MS = 600_000;
/** Mutations that are run at a time. */
const AT_ONCE = 2;

const words = process.argv.slice(2);
const wanted = (/** @type {string} */ name) => name.endsWith('.patch') && (words.length === 0 || words.some((word) => name.includes(word)));
const names = readdirSync(PATCHES).filter(wanted).sort();
const directory = mkdtempSync(join(tmpdir(), 'commonhold-mutations-'));

try {
  // All patches are tried first, so that one that is out of date is known at once.
  const programs = await Promise.all(names.map(program));
  let caught = 0;
  const queue = programs.entries();
  const work = async () => {
    for (const [index, file] of queue) if (await run(String(names[index]), file)) caught++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`${caught}/${names.length}`);
  if (caught < names.length) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Builds the simulation with a bug. Returns the program. @param {string} name */
async function program(name) {
  const copy = join(directory, name);
  for (const folder of FOLDERS) cpSync(folder, join(copy, folder), { recursive: true });
  cpSync('package.json', join(copy, 'package.json'));
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const { code, output } = await execute('git', ['apply', join(PATCHES, name)], copy, {});
  if (code !== 0) throw new Error(`${name} does not apply any more: ${output}`);
  const outfile = join(copy, 'simulation.mjs');
  await build({
    entryPoints: [join(copy, 'test/simulation/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

/** Runs worlds with a bug. Returns true if one of them failed. @param {string} name @param {string} file */
async function run(name, file) {
  const begin = performance.now();
  const { code, output } = await execute(process.execPath, [file], directory, { SEED: '1', RUNS: String(WORLDS), SHORTEN: 'no' });
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const found = /fails: (.*)/.exec(output)?.[1];
  const [what] = readFileSync(join(PATCHES, name), 'utf8').split('\n', 1);
  if (found === undefined && code !== 0 && code !== undefined) throw new Error(`${name} does not run: ${output}`);
  console.log(found === undefined ? `NOT CAUGHT in ${seconds} s: ${name}: ${what}` : `caught in ${seconds} s: ${name}: ${found}`);
  return found !== undefined;
}

/**
 * Runs a program. The code is undefined if it did not end in time.
 * @param {string} command @param {string[]} given @param {string} cwd @param {Record<string, string>} env
 * @returns {Promise<{ code: number | undefined, output: string }>}
 */
function execute(command, given, cwd, env) {
  return new Promise((done, failed) => {
    const child = spawn(command, given, { cwd, env: { ...process.env, ...env }, timeout: LONGEST_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? undefined, output }));
  });
}
