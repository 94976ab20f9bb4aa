// Runs the code of README.md and docs/*.md as it is written there.
//
// The line before each block says how: `<!-- snippet: NAME -->`, or `<!-- not run: REASON -->`. The blocks of one NAME are
// one program. A block whose first line is a comment with a file name, as `// worker.ts`, is that file, any other is
// main.ts. What a block leaves out, as its imports, is in test/snippets/NAME.txt: the text with `// <snippet>` in the
// place of the block, and further files, each behind a line `=== file.ts`. A line of shell is run by itself. The
// address 127.0.0.1:7420 becomes that of the daemon of this test.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Within the package, where programs find it under its name. */
const FOLDER = `${ROOT}dist/snippets`;
const ADDRESS = '127.0.0.1:7420';

interface Block {
  readonly where: string;
  readonly shell: boolean;
  readonly code: string;
  /** How it is run, as the line before it says. */
  readonly directive: string;
}

/** The blocks of code of a document: fenced ones, and indented lines of shell. */
function blocksOf(file: string): Block[] {
  const lines = readFileSync(`${ROOT}${file}`, 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(ts|typescript|js|javascript|sh|bash|shell)$/.exec(lines[at]!);
    const indented = /^ {4}(make|npm|npx|node|grpcurl) /.test(lines[at]!);
    if (fence === null && !indented) continue;
    const begin = at + (fence === null ? 0 : 1);
    const over = fence === null ? (line: string): boolean => !line.startsWith('    ') : (line: string): boolean => line === '```';
    let end = begin;
    while (end < lines.length && !over(lines[end]!)) end++;
    const code = lines.slice(begin, end).map((line) => (fence === null ? line.slice(4) : line));
    const before = lines.slice(0, at).findLast((line) => line !== '') ?? '';
    const shell = fence === null || /^(sh|bash|shell)$/.test(fence[1]!);
    blocks.push({ where: `${file}:${at + 1}`, shell, code: code.join('\n'), directive: /^<!-- (.+) -->$/.exec(before)?.[1] ?? '' });
    at = end;
  }
  return blocks;
}

const DOCUMENTS = [
  'README.md',
  ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const BLOCKS = DOCUMENTS.flatMap(blocksOf);

function named(block: Block): string | undefined {
  return /^snippet: ([a-z-]+)$/.exec(block.directive)?.[1];
}

const PROGRAMS = [...new Set(BLOCKS.filter(({ shell }) => !shell).flatMap((block) => named(block) ?? []))];
const COMMANDS = BLOCKS.filter((block) => block.shell && named(block) !== undefined).flatMap(({ code }) =>
  code.replaceAll('\\\n', ' ').split('\n'),
);

/** The files of a program, by their names. */
function filesOf(name: string): Map<string, string> {
  const files = new Map<string, string>();
  const context = `${ROOT}test/snippets/${name}.txt`;
  const [around, ...others] = existsSync(context) ? readFileSync(context, 'utf8').split(/^=== /m) : ['// <snippet>'];
  for (const other of others) files.set(other.slice(0, other.indexOf('\n')), other.slice(other.indexOf('\n')));
  for (const { code } of BLOCKS.filter((block) => named(block) === name)) {
    const file = /^\/\/ ([a-z-]+\.ts)\b/.exec(code)?.[1] ?? 'main.ts';
    files.set(file, file === 'main.ts' ? around!.replace('// <snippet>', () => code) : code);
  }
  return files;
}

let daemon: Daemon;
beforeAll(async () => {
  daemon = await Daemon.serve();
  rmSync(FOLDER, { recursive: true, force: true });
  for (const name of PROGRAMS) {
    mkdirSync(`${FOLDER}/${name}`, { recursive: true });
    for (const [file, code] of filesOf(name)) writeFileSync(`${FOLDER}/${name}/${file}`, code.replaceAll(ADDRESS, daemon.address));
  }
  const compilerOptions = { rootDir: '.', outDir: '.', declaration: false, sourceMap: false, noUnusedLocals: false, skipLibCheck: false };
  writeFileSync(
    `${FOLDER}/tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] }),
  );
});
afterAll(() => daemon.stop());

describe('the documentation', () => {
  it('says of each block of code how it is run, or why it is not', () => {
    const silent = BLOCKS.filter((block) => named(block) === undefined && !/^not run: ./.test(block.directive));
    expect(silent.map(({ where }) => where)).toEqual([]);
  });

  it('has programs that compile with the declarations of the package, all of which are checked', async () => {
    const compiled = promisify(execFile)(`${ROOT}node_modules/.bin/tsc`, ['-p', FOLDER]);
    const { stdout } = await compiled.catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe('');
  });

  it.each(PROGRAMS)('has a program that runs and says what its comments promise: %s', async (name) => {
    const { code, signal, stdout, stderr } = await Program.node(`${FOLDER}/${name}/main.js`, [], { NODE_ENV: '' }).exited;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const promised = [
      ...filesOf(name)
        .get('main.ts')!
        .matchAll(/^ *console\.log.*; \/\/ (.+)$/gm),
    ].map(([, comment]) => comment!);
    const said = stdout.split('\n').slice(0, promised.length);
    promised.forEach((comment, index) => expect(comment.startsWith(said[index]!) && said[index] !== '').toBe(true));
  });

  it.each(COMMANDS)('has a command that succeeds: %s', async (command) => {
    // Without npx, which takes longer to begin than most commands take to end.
    const line = command.replaceAll(ADDRESS, daemon.address).replace(/^npx /, `${ROOT}node_modules/.bin/`);
    const { code, stderr } = await new Program('bash', ['-c', line], {}).exited;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });
});
