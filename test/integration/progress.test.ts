import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { commonhold, Daemon, MAIN, Temporary } from '../support/daemon.js';
import { environment } from '../support/program.js';

// The bars of long work, on a terminal that util-linux's `script` makes.

let daemon: Daemon;
let folder: Temporary;
let directory: string;

beforeAll(async () => {
  folder = new Temporary();
  directory = folder.join('data');
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--data-dir', directory]);
  await using manager = await Manager.connect(daemon.address);
  for (let number = 0; number < 50; number++) await manager.dict(`dict ${number}`).set('key', 'x'.repeat(10_000));
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Runs commonhold with a shell's redirections on a terminal, and returns all that the terminal got. */
function onTerminal(parameters: string): string {
  const line = `'${process.execPath}' '${fileURLToPath(MAIN)}' ${parameters}`;
  return execFileSync('script', ['-qec', line, '/dev/null'], { env: environment({ TERM: 'xterm' }), encoding: 'utf8' });
}

const itOnTerminal = existsSync('/usr/bin/script') ? test : test.skip;

itOnTerminal('dump, load and doctor show bars, which are no part of their output', async () => {
  const file = folder.join('dump.jsonl');
  expect(onTerminal(`dump ${daemon.address} > '${file}'`)).toMatch(/ 100 % \| 100 calls .*dumped 50 objects in /s);
  expect(readFileSync(file, 'utf8')).toMatch(/^\{"dump".*\n(\{"call".*\n)+\{"end".*\n$/);
  expect(onTerminal(`load ${daemon.address} --replace < '${file}'`)).toMatch(/█ .*100 % .*loaded 50 objects/s);
  await daemon.stop();
  expect(onTerminal(`doctor '${directory}'`)).toMatch(/\d+ % .*\nsound/s);
});

test('a file or a pipe gets no bar', async () => {
  const { stdout, stderr } = await commonhold(['doctor', directory, '--json']);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ sound: true, segments: [{ file: '00000001.log' }] });
});
