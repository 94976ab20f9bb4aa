import { once } from 'node:events';
import { linkSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { Temporary } from '../support/daemon.js';

const CLAIMANT = new URL('./programs/claimant.js', import.meta.url);
const ROUNDS = 50;
const CLAIMANTS = 4;

/** Leaves the socket of a daemon that died. */
async function leaveDead(path: string): Promise<void> {
  const server = createServer().listen(`${path}.bound`);
  await once(server, 'listening');
  linkSync(`${path}.bound`, path);
  server.close();
  await once(server, 'close');
}

test('of claims in step on the socket of a dead daemon, one gets it, and nothing else is left', async () => {
  using directory = new Temporary();
  const paths = Array.from({ length: ROUNDS }, (_, round) => directory.join(`${round}.sock`));
  for (const path of paths) await leaveDead(path);
  const gate = new Int32Array(new SharedArrayBuffer(4 * ROUNDS));
  const workers = Array.from({ length: CLAIMANTS }, () => new Worker(CLAIMANT, { workerData: { paths, gate, claimants: CLAIMANTS } }));
  try {
    const won = await Promise.all(workers.map(async (worker) => ((await once(worker, 'message')) as [string[]])[0]));
    expect(won.flat().sort()).toEqual([...paths].sort());
    expect(readdirSync(directory.path).length).toBe(ROUNDS);
  } finally {
    for (const worker of workers) await worker.terminate();
  }
});
