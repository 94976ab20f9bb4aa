import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { callingThread } from '../../proto/system-thread.js';
import { environment } from '../support/program.js';

// A manager that sees no processes of other users (hidepid): it must not take them for ended.

/** Runs a command as another user, with a /proc that hides the processes of this one. */
const HIDDEN = [
  '--mount',
  'sh',
  '-c',
  'mount -t proc proc /proc -o hidepid=2 && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"',
  'sh',
];
const possible = spawnSync('unshare', [...HIDDEN, 'true']).status === 0;

const MODULE = new URL('../../proto/system-thread.js', import.meta.url).href;

(possible ? test : test.skip)('a thread of a hidden process is not known to have ended', () => {
  const thread = callingThread();
  const program = `import { threadLives } from ${JSON.stringify(MODULE)};
    console.log(threadLives(${process.pid}, ${JSON.stringify(thread)}), threadLives(process.pid, { tid: process.pid + 1_000_000, start: 0 }));`;
  const { stdout, stderr } = spawnSync('unshare', [...HIDDEN, process.execPath, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: environment(),
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'true false\n', stderr: '' });
});
