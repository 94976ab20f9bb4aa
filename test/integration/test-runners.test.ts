import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Temporary } from '../support/daemon.js';
import { Program, type Exit } from '../support/program.js';

// A project in TypeScript, whose tests start workers, under the two runners of tests. docs/workers.md says how to set them up.

const SPEC = `
import { Manager, ManagerError } from 'commonhold';
import type { Kept } from './worker.ts';

type Worker = typeof import('./worker.ts');

const module = new URL('./worker.js', import.meta.url);
let manager: Manager;
beforeAll(async () => void (manager = await Manager.start()), 60_000);
afterAll(() => manager.close());

test('processes and threads from sources in TypeScript share values with the test', async () => {
  const dict = manager.dict<string, Kept>('dict');
  const workers = manager.worker({ execArgv: ['--import', 'tsx'] });
  const kept: Kept = { map: new Map([[1, new Date(0)]]), bytes: Uint8Array.of(1, 2), error: new RangeError('kept') };
  for (const start of ['fork', 'thread'] as const) {
    expect(await workers[start]<Worker>(module, dict, start).result).toBe('stored');
    expect(await dict.get(start)).toEqual(kept);
  }
  await dict.set('own', kept);
  const { map, bytes, error } = (await dict.get('own'))!;
  expect([map, map.get(1), bytes, error].map((value) => value?.constructor)).toEqual([Map, Date, Uint8Array, RangeError]);
}, 60_000);

test('errors are instances of their classes, of workers too', async () => {
  await expect(manager.queue('queue').get({ timeout: 0 })).rejects.toBeInstanceOf(ManagerError);
  const workers = manager.worker({ execArgv: ['--import', 'tsx'] });
  await expect(workers.thread<Worker>(module, manager.dict('dict'), 'bad').result).rejects.toThrow(RangeError);
}, 60_000);

test('a worker in TypeScript, loaded by a Node that does not strip types, is an error that says what to do', async () => {
  if ((process.features as { typescript?: unknown }).typescript) return;
  await expect(manager.thread<Worker>(module, manager.dict('dict'), 'thread').result).rejects.toThrow("{ execArgv: ['--import', 'tsx'] }");
}, 60_000);
`;

const WORKER = `
import type { SharedDict } from 'commonhold';

export interface Kept { map: Map<number, Date>; bytes: Uint8Array; error: Error }

export default async function (dict: SharedDict<string, Kept>, name: string): Promise<string> {
  if (name === 'bad') throw new RangeError('no such name');
  await dict.set(name, { map: new Map([[1, new Date(0)]]), bytes: Uint8Array.of(1, 2), error: new RangeError('kept') });
  return 'stored' satisfies string;
}
`;

/** Compiles what jest loads. */
const TRANSFORM = `
import { transformSync } from 'esbuild';

export default { process: (source, path) => transformSync(source, { loader: 'ts', sourcefile: path, sourcemap: 'inline' }) };
`;

const MANIFEST = {
  type: 'module',
  jest: { testMatch: ['**/*.spec.ts'], extensionsToTreatAsEsm: ['.ts'], transform: { '\\.ts$': './transform.js' } },
};
/** Packages that the project has installed. */
const INSTALLED = [
  '@bufbuild/protobuf',
  '@grpc/grpc-js',
  'cli-progress',
  'commander',
  'croner',
  'esbuild',
  'nice-grpc',
  'pino',
  'prom-client',
  'tsx',
  'vitest',
];

let project: Temporary;

beforeAll(() => {
  project = new Temporary();
  for (const name of INSTALLED) {
    const path = project.join('node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(resolve('node_modules', name), path);
  }
  // A copy: runners treat packages by the place in which they really are.
  for (const part of ['package.json', 'lib']) cpSync(part, project.join('node_modules/commonhold', part), { recursive: true });
  write('sharing.spec.ts', SPEC);
  write('worker.ts', WORKER);
  write('transform.js', TRANSFORM);
  write('vitest.config.js', `export default { test: { globals: true } };`);
  write('package.json', JSON.stringify(MANIFEST));
});

afterAll(() => project[Symbol.dispose]());

function write(name: string, text: string): void {
  writeFileSync(project.join(name), text);
}

/** Runs Node in the folder of the project. */
function node(...parameters: string[]): Promise<Exit> {
  return new Program('sh', ['-c', 'cd "$0" && exec "$@"', project.path, process.execPath, ...parameters]).exited;
}

test('jest runs tests that start workers in TypeScript', async () => {
  const exit = await node('--experimental-vm-modules', resolve('node_modules/jest/bin/jest.js'));
  expect(exit).toMatchObject({ code: 0, stderr: expect.stringMatching(/Tests: +3 passed, 3 total/) });
});

test('vitest runs tests that start workers in TypeScript', async () => {
  const exit = await node(resolve('node_modules/vitest/vitest.mjs'), 'run');
  expect(exit).toMatchObject({ code: 0, stdout: expect.stringMatching(/Tests +3 passed/) });
});
