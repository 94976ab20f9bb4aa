import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';

// Programs and workers written in TypeScript, run from their sources: by tsx, and by Node itself if it strips types.

/** Workers of all kinds. The module is named with its extension in the sources, and with the compiled one. */
const MAIN = `
import { pathToFileURL } from 'node:url';
import { Manager } from 'commonhold';
import type { Greeting } from './worker.EXTENSION';

type Worker = typeof import('./worker.EXTENSION');

async function main(): Promise<void> {
  const manager = await Manager.start();
  const seen = manager.set<string>('seen');
  for (const name of NAMES) {
    const module = new URL(name, HERE);
    const greetings: Greeting[] = [await manager.fork<Worker>(module, seen, 'fork').result, await manager.thread<Worker>(module, seen, 'thread').result];
    for (const kind of KINDS) {
      const pool = manager.pool<Worker>(module, { [kind]: 1 });
      greetings.push(...(await pool.starmap([[seen, kind]])));
      await pool.terminate();
    }
    console.log(greetings.map(({ text, known, signal }) => [text, known, signal].join(' ')).join(', '));
  }
  await manager.close();
}
void main();
`;

const WORKER = `
import { currentWorker, taskSignal, type SharedSet } from 'commonhold';
import { greet } from './greet.EXTENSION';

export interface Greeting { text: string; known: boolean; signal: boolean }

export default async function (seen: SharedSet<string>, name: string): Promise<Greeting> {
  await seen.add(name as string);
  return { text: greet(name), known: (await seen.has(name)) && currentWorker() !== undefined, signal: !taskSignal().aborted };
}
`;

const GREET = `
export function greet(name: string): string { return 'hello ' + name satisfies string; }
`;

const POOLS = ['processes', 'threads'];
/** Pools of the styles but the first. A pool starts a worker as `fork` and `thread` do. */
const FEW_POOLS = POOLS.slice(0, stress(0, 2));
const TSX = resolve('node_modules/tsx/dist/loader.mjs');
const TSX_COMMAND = resolve('node_modules/tsx/dist/cli.mjs');

/** Names of one module in one program: also another program names it as its source. */
const NAMES = stress(1, 2);

let directory: Temporary;

beforeAll(() => {
  directory = new Temporary();
  mkdirSync(directory.join('node_modules'));
  symlinkSync(resolve('.'), directory.join('node_modules/commonhold'));
  // With the extensions of compiled files, for compilers; with the extensions of sources, for Node; and as CommonJS.
  write('js', {
    type: 'module',
    extension: 'js',
    here: 'import.meta.url',
    names: ['./worker.js', './worker.ts'].slice(0, NAMES),
    pools: POOLS,
  });
  write('ts', { type: 'module', extension: 'ts', here: 'import.meta.url', names: ['./worker.ts'], pools: FEW_POOLS });
  write('commonjs', { type: 'commonjs', extension: 'js', here: 'pathToFileURL(__filename)', names: ['./worker.js'], pools: FEW_POOLS });
});

afterAll(() => directory[Symbol.dispose]());

interface Style {
  readonly type: string;
  readonly extension: string;
  /** Expression that gives the URL of the program. */
  readonly here: string;
  /** Names by which the program refers to the module of its workers. */
  readonly names: readonly string[];
  /** Kinds of pools that it starts. */
  readonly pools: readonly string[];
}

function write(folder: string, { type, extension, here, names, pools }: Style): void {
  const sources = {
    'main.ts': MAIN.replace('HERE', here)
      .replace('NAMES', JSON.stringify(names))
      .replace('KINDS', `${JSON.stringify(pools)} as const`),
    'worker.ts': WORKER,
    'greet.ts': GREET,
    'package.json': JSON.stringify({ type }),
  };
  for (const [name, text] of Object.entries(sources)) {
    const path = directory.join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll('EXTENSION', extension));
  }
}

const expected = (names = 1, pools = FEW_POOLS) => {
  const line = ['fork', 'thread', ...pools].map((kind) => `hello ${kind} true true`).join(', ');
  return { code: 0, signal: null, stdout: `${line}\n`.repeat(names), stderr: '' };
};

describe('tsx', () => {
  test.each([
    ['js', NAMES, POOLS],
    ['commonjs', 1, FEW_POOLS],
  ])('runs a program and its workers from their sources, as a command (%s)', async (folder, names, pools) => {
    expect(await Program.node(TSX_COMMAND, [directory.join(folder, 'main.ts')]).exited).toEqual(expected(names, pools));
  });

  test('does so with tsx as a loader, by path', async () => {
    expect(await new Program(process.execPath, ['--import', TSX, directory.join('ts/main.ts')]).exited).toEqual(expected());
  });
});

/** Node 20 does not strip types, and lacks the field. */
const { typescript: strips } = process.features as { typescript?: string | false };

(strips ? test : test.skip)('Node runs a program and its workers from their sources where it strips types', async () => {
  expect(await Program.node(directory.join('ts/main.ts'), []).exited).toEqual(expected());
});
