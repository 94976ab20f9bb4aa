import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Temporary } from '../support/daemon.js';
import { onDisk, whyNoMounts } from '../support/mounts.js';
import { environment, Program } from '../support/program.js';
import { until } from '../support/until.js';

const PROGRAM = fileURLToPath(new URL('./programs/surroundings.js', import.meta.url));
const AS_ROOT = process.getuid!() === 0 ? test : test.skip;
const ON_LINUX = process.platform === 'linux' ? test : test.skip;

describe('a program with a manager of its own', () => {
  const folders = {
    'is too long for a socket': (parent: Temporary) => parent.join('x'.repeat(100)),
    'is missing': (parent: Temporary) => parent.join('missing'),
    'is a file': (parent: Temporary) => {
      writeFileSync(parent.join('file'), '');
      return parent.join('file');
    },
  };
  test.each(['starts', 'embeds'])('%s if the folder for temporary files cannot be used', async (does) => {
    for (const [why, make] of Object.entries(folders)) {
      using parent = new Temporary();
      const { code, stdout, stderr } = await Program.node(PROGRAM, [does], { TMPDIR: make(parent) }).exited;
      expect({ why, code, stdout, stderr }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^42 unix:\/(var\/)?tmp\/commonhold-/),
      });
    }
  });

  const disks = { 'has no inode left': 'nr_inodes=1', 'has inodes for the folder alone': 'nr_inodes=3', 'is not writable': 'ro' };
  (whyNoMounts() === undefined ? test : test.skip).each(Object.entries(disks))(
    'starts if the disk for temporary files %s',
    async (_, options) => {
      using folder = new Temporary();
      const [command, parameters] = onDisk(folder.path, options, ['env', `TMPDIR=${folder.path}`, process.execPath, PROGRAM, 'starts']);
      const { code, stdout, stderr } = await new Program(command, parameters).exited;
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^42 unix:\/(var\/)?tmp\/commonhold-/) });
    },
  );

  test('starts it if NODE_OPTIONS asks for a debugger', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['debugged']).exited;
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^42 /), stderr: '' });
  });

  ON_LINUX('starts it with extra certificates only if it loads registered types, whose code may need them', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['certified'], { NODE_EXTRA_CA_CERTS: '/dev/null' }).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'false\ntrue\n' });
  });

  test('starts it if the standard error is closed', async () => {
    const { code, stdout } = await new Program('sh', ['-c', 'exec "$0" "$1" starts 2>&-', process.execPath, PROGRAM]).exited;
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^42 /) });
  });

  test('continues with it if the standard error is no longer read', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'complains'], { env: environment(), stdio: 'pipe' });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('it has started', () => said.includes('started'));
    child.stderr.destroy();
    child.stdin.write('go on');
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: 'started\ntrue\n' });
  });

  test('leaves nothing behind, at whatever moment it is killed', async () => {
    using folder = new Temporary();
    for (const delay of [0, 50, 100, 150, 200, 300]) {
      const program = Program.node(PROGRAM, ['starts'], { TMPDIR: folder.path });
      await pause(delay);
      await program.kill();
    }
    await until('all folders of sockets are gone', () => readdirSync(folder.path).every((name) => !name.startsWith('commonhold-')));
  });

  AS_ROOT('runs as a user without an entry in the list of users', async () => {
    using folder = new Temporary();
    chmodSync(folder.path, 0o777);
    for (const [does, says] of [
      ['starts', /^42 /],
      ['connects', /^ManagerUnavailableError$/m],
    ] as const) {
      const child = spawn(process.execPath, [PROGRAM, does], {
        env: environment({ TMPDIR: folder.path }),
        uid: 54_321,
        gid: 54_321,
        stdio: 'pipe',
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      const [code] = (await once(child, 'close')) as [number];
      expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(says) });
    }
  });
});

describe('shared memory in a limited address space', () => {
  const limited = (kilobytes: number, ...parameters: string[]) =>
    new Program('sh', ['-c', `ulimit -v ${kilobytes}; exec "$0" "$@"`, process.execPath, PROGRAM, ...parameters]).exited;

  test('is made without WebAssembly', async () => {
    expect(await limited(4_000_000, 'arena')).toMatchObject({ code: 0, stdout: '42\n', stderr: '' });
  });

  /** Limit that leaves less than shared memory has by default: what Node takes for itself depends on its version. */
  const scarce = async () => Number((await Program.node(PROGRAM, ['space']).exited).stdout) + 100_000;

  test('is as large as the space allows', async () => {
    expect(await limited(await scarce(), 'arena')).toMatchObject({ code: 0, stdout: '42\n', stderr: '' });
  });

  test('is an OutOfMemoryError if there is no room for the given size', async () => {
    const { code, stderr } = await limited(await scarce(), 'arena', String(2 ** 31));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('give a smaller maxSize') });
  });

  test('is made two hundred times, once with WebAssembly', async () => {
    expect(await limited(20_000_000, 'arenas')).toMatchObject({ code: 0, stdout: '400\n', stderr: '' });
  });
});

test('shared memory that is closed before its threads have ended lets them end without a word', async () => {
  expect(await Program.node(PROGRAM, ['closedEarly']).exited).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
});
