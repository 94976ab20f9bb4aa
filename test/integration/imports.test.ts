import { expect, test } from '@jest/globals';
import { Program } from '../support/program.js';

// The files that an import loads: optional parts, and the packages of the daemon, cost a program nothing.

/** Writes the URL of each module that Node loads. */
const HOOK = `import { writeSync } from 'node:fs';
export const load = (url, context, next) => (writeSync(1, url + '\\n'), next(url, context));`;
const REGISTER = moduleOf(`import { register } from 'node:module'; register(${JSON.stringify(moduleOf(HOOK))});`);

function moduleOf(code: string): string {
  return `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
}

async function loadedBy(entry: string): Promise<string[]> {
  // Node 26 warns of the registration of the hook.
  const program = ['--disable-warning=DEP0205', '--import', REGISTER, '--input-type=module', '--eval', `import ${JSON.stringify(entry)}`];
  const { code, stdout, stderr } = await new Program(process.execPath, program).exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter((url) => url.startsWith('file:'));
}

test.each(['', '/server', '/web-locks', '/keyv', '/unstorage', '/express-rate-limit'])(
  'commonhold%s loads no other package',
  async (entry) => {
    const loaded = await loadedBy(`commonhold${entry}`);
    expect(loaded).toContainEqual(expect.stringContaining('/lib/'));
    expect(loaded.filter((url) => !url.includes('/lib/'))).toEqual([]);
  },
);

test.each(['express-session', 'rate-limiter-flexible'])('commonhold/%s loads only its peer, of which it extends a class', async (peer) => {
  const loaded = await loadedBy(`commonhold/${peer}`);
  expect(
    loaded.filter((url) => !url.includes('/lib/') || url.includes('/node_modules/')).every((url) => url.includes(`/node_modules/${peer}/`)),
  ).toBe(true);
});
