import { afterAll, afterEach, describe } from '@jest/globals';
import { Manager } from '../../client/index.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { stress } from '../support/stress.js';
import { suites } from './suites.js';
import type { Target } from './target.js';

/** Number of cases between two kills. */
const CASES = stress(50, 7);
/** One of how many suites runs: each call waits for the disk. */
const SHARE = stress(4, 1);
/** Longer than a start takes on any machine, in milliseconds. */
const LEASE_MS = 600_000;
const TYPES = new URL('./types/registered.js', import.meta.url);

const folder = new Temporary();
let daemon = await started();

function started(): Promise<Daemon> {
  const place = ['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data')];
  return Daemon.serve([...place, '--register', TYPES.href, '--snapshot-after', '2000000']);
}

const target: Target = {
  name: 'durable',
  async open() {
    const manager = await Manager.connect(daemon.address, { lease: LEASE_MS });
    return { manager, close: () => manager.close() };
  },
};

// Runs suites on a daemon with a data directory, which is killed between two cases now and then, and started again. The clients of the
// suites stay, and resume their sessions.
describe(target.name, () => {
  let cases = 0;
  for (const [index, suite] of suites.entries()) if (index % SHARE === 0) suite(target);

  afterEach(async () => {
    if (++cases % CASES > 0) return;
    await daemon.program.kill('SIGKILL');
    daemon = await started();
  });

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
});
