import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Arena, Manager, share, type SharedDict } from 'commonhold';
import { collectGarbage } from '../../support/garbage.js';
import type { Told } from './receiving.js';

// Makes arenas, or memories of { home: 'process' }, one after the other, has a long-lived thread work on each, and closes it. Prints how
// much more memory the process has in the end than after the first one, in MiB.
const [, , rounds, what, keep, address] = process.argv;
const BYTES = 20 * 1024 * 1024;
const worker = new Worker(new URL('./receiving.js', import.meta.url));

async function tell(told: Told): Promise<void> {
  worker.postMessage(told);
  await once(worker, 'message');
}

async function round(): Promise<void> {
  const maker = what === 'arena' ? Arena.create() : await Manager.connect(address);
  const dict: SharedDict<string, unknown> = maker.dict(`dict-${crypto.randomUUID()}`, { home: 'process' });
  dict.sync.set('seen', 0);
  dict.sync.set('filling', new Uint8Array(BYTES).fill(1));
  if (what === 'home') await dict.create();
  const array = what === 'arena' ? maker.array('array', 'u8', [1]) : undefined;
  array?.sync.get(0);
  await tell({ use: share({ dict, array }), keep: keep === 'keep' });
  if (dict.sync.get('seen') !== 1) throw new Error('the thread worked on other memory');
  await maker.close();
}

const resident = (): number => process.memoryUsage.rss() / 2 ** 20;

await round();
await tell('collect');
collectGarbage();
const before = resident();
for (let i = 0; i < Number(rounds); i++) await round();
// Memory is returned some time after it was found to be garbage: checks until it is, or for a limited time.
let more = Infinity;
for (let look = 0; look < 1_000 && more > 60; look++) {
  await tell('collect');
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 20));
  more = Math.round(resident() - before);
}
process.stdout.write(`${more}\n`);
process.exit();
