import { expect, it } from '@jest/globals';
import { Program } from '../support/program.js';

const PROGRAM = new URL('./programs/self-wait.js', import.meta.url);

const WARNINGS = ['door', 'window', 'page', 'drawer'].map((name) => `suspected-deadlock ${name}\n`).join('');
const LINES = ['door', 'window', 'page', 'drawer', 'gate', 'hatch'].map((name) => `commonhold: .*"${name}".*run\\(\\).*\\n`).join('');

it('a program that waits for locks that it holds itself is told so, in one line for each, and in production by the event alone', async () => {
  const [development, production] = await Promise.all([
    Program.node(PROGRAM, [], { NODE_ENV: '' }).exited,
    Program.node(PROGRAM, [], { NODE_ENV: 'production' }).exited,
  ]);
  expect(development).toMatchObject({ code: 0, stdout: WARNINGS });
  expect(development.stderr).toMatch(new RegExp(`^${LINES}$`));
  expect(production).toEqual({ code: 0, signal: null, stdout: WARNINGS, stderr: '' });
});
