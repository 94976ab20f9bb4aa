import { mkdirSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { build, type Format } from 'esbuild';
import { Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';

describe.each<Format>(['esm', 'cjs'])('a program that was bundled with the package, as %s', (format) => {
  const bundle = async (folder: Temporary): Promise<string> => {
    const options = { bundle: true, platform: 'node', logLevel: 'error' } as const;
    const source = (name: string): string => fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
    const main = folder.join(format === 'esm' ? 'main.mjs' : 'main.cjs');
    const logOverride = { 'empty-import-meta': 'silent' } as const;
    await build({ ...options, logOverride, format, entryPoints: [source('bundled')], outfile: main });
    await build({ ...options, format: 'esm', entryPoints: [source('bundled-worker')], outfile: folder.join('worker.mjs') });
    return main;
  };

  test.each(['start', 'embed'])('works with %s, fork, thread and a pool if the package is installed', async (how) => {
    using folder = new Temporary();
    mkdirSync(folder.join('node_modules'));
    symlinkSync(resolve('.'), folder.join('node_modules/commonhold'));
    const { code, stdout, stderr } = await Program.node(await bundle(folder), [how, folder.path]).exited;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '3 calls of 3 workers\n', stderr: '' });
  });

  test('says what to do if it is not', async () => {
    using folder = new Temporary();
    const program = await bundle(folder);
    const { code, stderr } = await new Program('sh', ['-c', 'cd "$1" && exec "$0" "$2" start "$1"', process.execPath, folder.path, program])
      .exited;
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/UNAVAILABLE.*npm install commonhold.*--external:commonhold/),
    });
  });
});
