// @ts-check
/**
 * Compiles the kernel of the shared memory (engine/shared/kernel/) to WebAssembly, and writes it as text into engine/shared/gen/kernel.ts.
 * Its source is both TypeScript and AssemblyScript, with three differences: memory.as replaces memory.ts, the comment `// @inline` becomes
 * a decorator, and imports of types are removed.
 *
 * Makes two modules, because processors other than x64 may execute a read early, unless the instruction also writes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const SOURCE = 'engine/shared/kernel';
const TARGET = 'engine/shared/gen/kernel.ts';
/** Just under 2 GiB, because offsets are signed. */
const MOST_PAGES = 32_767;

const OPTIONS = [
  'index.ts',
  '--outFile=kernel.wasm',
  '--textFile=kernel.wat',
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--use=abort=',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  `--maximumMemory=${MOST_PAGES}`,
  '--enable=threads',
  '--enable=bulk-memory',
];

/**
 * @typedef {object} Processor
 * @property {string} again The instruction that reads a word after all earlier reads.
 * @property {string} store64 The instruction that writes 64 bits so that no other thread sees half of them.
 */

/** @param {Processor} processor */
async function compile(processor) {
  /** @type {Map<string, string | Uint8Array>} */
  const written = new Map();
  const { error, stderr } = await asc.main(OPTIONS, {
    readFile: (name) => read(name, processor),
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`the kernel does not compile: ${error.message}\n${stderr.toString()}`);
  const text = String(written.get('kernel.wat'));
  // A thread can be ended where a function calls another, so the kernel must not contain a call.
  const call = /^\s*call\b.*/m.exec(text);
  if (call) throw new Error(`the kernel calls a function that must be inlined: ${call[0].trim()}`);
  return Buffer.from(/** @type {Uint8Array} */ (written.get('kernel.wasm')));
}

/** @param {string} name @param {Processor} processor */
function read(name, { again, store64 }) {
  const file = name.replace(/\.js\.ts$/, '.ts').replace(/^memory\.ts$/, 'memory.as');
  try {
    const source = readFileSync(join(SOURCE, file), 'utf8');
    return source
      .replace(/^import type .*\n/gm, '')
      .replace(/^\/\/ @inline\n/gm, '@inline ')
      .replace('AGAIN', again)
      .replaceAll('STORE64', store64);
  } catch {
    return null;
  }
}

const strong = await compile({ again: 'atomic.load<i32>(p)', store64: 'i64.store' });
const weak = await compile({ again: 'atomic.add<i32>(p, 0)', store64: 'i64.atomic.store' });
mkdirSync(join(TARGET, '..'), { recursive: true });
writeFileSync(
  TARGET,
  `// Made by scripts/kernel.mjs.
/** For processors that keep the order of reads. */
export const STRONG = '${strong.toString('base64')}';
/** For all others. */
export const WEAK = '${weak.toString('base64')}';
`,
);
console.log(`kernel: ${strong.length} bytes`);
