import { expect, it } from '@jest/globals';
import { Program } from '../support/program.js';

const PROGRAM = new URL('./programs/self-wait.js', import.meta.url);

it('a program that waits for a lock that it holds itself is told so, in one line, and in production by the event alone', async () => {
  const [development, production] = await Promise.all([
    Program.node(PROGRAM, [], { NODE_ENV: '' }).exited,
    Program.node(PROGRAM, [], { NODE_ENV: 'production' }).exited,
  ]);
  expect(development).toMatchObject({ code: 0, stdout: 'suspected-deadlock door\n' });
  expect(development.stderr).toMatch(/^commonhold: .*"door".*run\(\).*\n$/);
  expect(production).toEqual({ code: 0, signal: null, stdout: 'suspected-deadlock door\n', stderr: '' });
});
