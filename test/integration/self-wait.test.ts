import { expect, it } from '@jest/globals';
import { Program } from '../support/program.js';

const PROGRAM = new URL('./programs/self-wait.js', import.meta.url);

const WARNINGS = 'suspected-deadlock door\nsuspected-deadlock window\nsuspected-deadlock page\n';

it('a program that waits for locks that it holds itself is told so, in one line for each, and in production by the event alone', async () => {
  const [development, production] = await Promise.all([
    Program.node(PROGRAM, [], { NODE_ENV: '' }).exited,
    Program.node(PROGRAM, [], { NODE_ENV: 'production' }).exited,
  ]);
  expect(development).toMatchObject({ code: 0, stdout: WARNINGS });
  expect(development.stderr).toMatch(/^commonhold: .*"door".*run\(\).*\ncommonhold: .*"window".*\ncommonhold: .*"page".*\n$/);
  expect(production).toEqual({ code: 0, signal: null, stdout: WARNINGS, stderr: '' });
});
