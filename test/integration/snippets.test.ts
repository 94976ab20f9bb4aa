// Runs the code of README.md and of the guides in docs/ as it is written there. The line above each block says how:
//
// - `<!-- program: NAME -->`: the blocks of one NAME are one program. The first one has its imports; each later one continues with the
//   declarations of the first, in a scope of its own. A block whose first line is a comment with a file name, as `// worker.ts`, is that
//   file. The comment behind a `console.log(…)` is its output, up to a colon.
// - `<!-- commands -->`: each line is run by a shell, and exits with 0.
// - `<!-- output -->`: exactly the output of the block before it.
// - `<!-- not run: REASON -->`.
//
// All programs run in one process, and 127.0.0.1:7420 becomes the address of the daemon of this test.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commonhold, Daemon } from '../support/daemon.js';
import { blocksOf, PAGES, ROOT, type Block } from '../support/pages.js';
import { Program } from '../support/program.js';

/** Within the package, where programs find it under its name. */
const FOLDER = `${ROOT}dist/snippets`;
const ADDRESS = '127.0.0.1:7420';
const BLOCKS = PAGES.flatMap(blocksOf);

/** A program of a page. */
interface Listing {
  readonly files: Map<string, string>;
  readonly printed: string[];
}

const PROGRAMS = new Map<string, Listing>();
const COMMANDS: { readonly where: string; readonly lines: readonly string[]; readonly printed: string | undefined }[] = [];
const UNMARKED: string[] = [];

for (const [index, block] of BLOCKS.entries()) {
  const [how, name = ''] = block.directive.split(': ') as [string, string?];
  const next = BLOCKS[index + 1]?.directive === 'output' ? BLOCKS[index + 1]!.code : undefined;
  if (how === 'program' && /^[a-z-]+$/.test(name) && /^(ts|js)$/.test(block.language)) addToProgram(name, block.code, next);
  else if (how === 'commands' && block.language === 'sh') COMMANDS.push({ where: block.where, lines: linesOf(block), printed: next });
  else if (!(how === 'output' && index > 0) && !(how === 'not run' && name !== '')) UNMARKED.push(block.where);
}

function addToProgram(name: string, code: string, output: string | undefined): void {
  const program: Listing = PROGRAMS.get(name) ?? { files: new Map(), printed: [] };
  PROGRAMS.set(name, program);
  const file = /^\/\/ ([a-z-]+\.ts)\b/.exec(code)?.[1] ?? 'main.ts';
  const before = program.files.get(file);
  program.files.set(file, before === undefined ? code : `${importsOf(code)}${before}\n{\n${code.replace(/^import .*$/gm, '')}\n}\n`);
  if (file !== 'main.ts') return;
  const comments = [...code.matchAll(/^.*console\.log.*; \/\/ (.+)$/gm)].map(([, comment]) => comment!);
  program.printed.push(...(output === undefined ? comments : output.split('\n')));
}

function importsOf(code: string): string {
  return [...code.matchAll(/^import .*$/gm)].map(([line]) => `${line}\n`).join('');
}

/** Lines of shell; a line that ends with a backslash continues on the next. */
function linesOf({ code }: Block): string[] {
  return code.replaceAll('\\\n', ' ').split('\n');
}

let daemon: Daemon;
let compiled: Promise<{ stdout: string }>;
let running: Promise<Program>;

beforeAll(async () => {
  daemon = await Daemon.serve();
  rmSync(FOLDER, { recursive: true, force: true });
  for (const [name, { files }] of PROGRAMS) {
    mkdirSync(`${FOLDER}/${name}`, { recursive: true });
    for (const [file, code] of files) writeFileSync(`${FOLDER}/${name}/${file}`, code.replaceAll(ADDRESS, daemon.address));
  }
  const compilerOptions = { rootDir: '.', outDir: '.', declaration: false, sourceMap: false, noUnusedLocals: false, skipLibCheck: false };
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] };
  writeFileSync(`${FOLDER}/tsconfig.json`, JSON.stringify(config));
  compiled = promisify(execFile)(`${ROOT}node_modules/.bin/tsc`, ['-p', FOLDER]).catch((error: unknown) => error as { stdout: string });
  running = compiled.then(() => Program.node(`${ROOT}dist/test/support/run-in-turn.js`, [FOLDER, ...PROGRAMS.keys()]));
});
afterAll(async () => {
  await (await running)[Symbol.asyncDispose]();
  await daemon.stop();
});

describe('the pages', () => {
  it('say of each block of code how it is run, or why it is not', () => {
    expect(UNMARKED).toEqual([]);
  });

  it('have programs that compile with the declarations of the package, all of which are checked', async () => {
    // The declarations of peers name packages that only some of their users have.
    const complaints = (await compiled).stdout.split('\n').filter((line) => line !== '' && !/^[./]*node_modules\/|^\s/.test(line));
    expect(complaints).toEqual([]);
  });

  it.each([...PROGRAMS])('have a program that prints the output in its comments: %s', async (name, { printed: promised }) => {
    const [line] = await (await running).said(new RegExp(`^{"name":"${name}",.*$`, 'm'));
    const { printed, error } = JSON.parse(line) as { printed: string[]; error?: string };
    expect(error).toBe(undefined);
    expect(promised.map((comment, index) => (comment.startsWith(`${printed[index]}: `) ? printed[index] : comment))).toEqual(printed);
  });

  it('have programs that end, and leave nothing on the standard error', async () => {
    const { code, signal, stderr } = await (await running).exited;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it.each(COMMANDS)('have commands that succeed: $where', async ({ lines, printed }) => {
    // Without npx, which takes longer to start than most commands take to end.
    const script = lines.join('\n').replaceAll(ADDRESS, daemon.address).replaceAll('npx ', `${ROOT}node_modules/.bin/`);
    const { code, stdout, stderr } = await new Program('bash', ['-ec', script], {}).exited;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    if (printed !== undefined) expect(stdout.trimEnd()).toBe(printed);
  });

  it('name each option of `commonhold serve`, and no others', async () => {
    const { stdout } = await commonhold(['serve', '--help']);
    const options = (text: string): Set<string> => new Set(text.match(/--[a-z-]+/g));
    const known = options(stdout);
    const table = readFileSync(`${ROOT}docs/daemon.md`, 'utf8')
      .match(/^\| `--[a-z-]+`/gm)!
      .join();
    expect(new Set([...options(table), '--help'])).toEqual(known);
    const used = BLOCKS.flatMap(linesOf).filter((line) => /(commonhold|main\.js) serve|make serve/.test(line));
    for (const line of used) for (const option of options(line)) expect(known).toContain(option);
  });
});
