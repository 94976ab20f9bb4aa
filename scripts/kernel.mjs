// @ts-check
/**
 * Compiles the kernel of the shared memory (engine/shared/kernel/) to WebAssembly, and writes it as text into
 * engine/shared/gen/kernel.ts. Its source is TypeScript and AssemblyScript alike, except for memory.ts, in whose
 * place memory.as is taken, for the comment `// @inline`, which becomes a decorator, and for imports of types, which it
 * knows by itself.
 *
 * There are two: processors other than x64 may read early what is to be read last, unless it is a read that also writes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const SOURCE = 'engine/shared/kernel';
const TARGET = 'engine/shared/gen/kernel.ts';
/** 2 GiB: offsets are signed. */
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

/** @param {string} again How a word is read after all that was read before. */
async function compile(again) {
  /** @type {Map<string, string | Uint8Array>} */
  const written = new Map();
  const { error, stderr } = await asc.main(OPTIONS, {
    readFile: (name) => read(name, again),
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`the kernel does not compile: ${error.message}\n${stderr.toString()}`);
  const text = String(written.get('kernel.wat'));
  // A thread can be ended where a function calls another: nothing of the kernel may.
  const call = /^\s*call\b.*/m.exec(text);
  if (call) throw new Error(`the kernel calls a function where it should have it inline: ${call[0].trim()}`);
  return Buffer.from(/** @type {Uint8Array} */ (written.get('kernel.wasm')));
}

/** @param {string} name @param {string} again */
function read(name, again) {
  const file = name.replace(/\.js\.ts$/, '.ts').replace(/^memory\.ts$/, 'memory.as');
  try {
    const source = readFileSync(join(SOURCE, file), 'utf8');
    return source
      .replace(/^import type .*\n/gm, '')
      .replace(/^\/\/ @inline\n/gm, '@inline ')
      .replace('AGAIN', again);
  } catch {
    return null;
  }
}

const strong = await compile('atomic.load<i32>(p)');
const weak = await compile('atomic.add<i32>(p, 0)');
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
