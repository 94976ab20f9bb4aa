import { Arena, type SharedDict } from 'commonhold';
import { collectGarbage } from '../../support/garbage.js';
import type destroying from './destroying.js';

// Makes and uses objects, which another thread destroys. Prints how many bytes each leaves on the heap of this one.
const BATCH = 2_000;
const BATCHES = 8;
const arena = Arena.create();
const [lists, done] = [arena.queue<SharedDict<string, number>[]>('lists'), arena.queue<boolean>('done')];
arena.worker({ daemonic: true }).thread<{ default: typeof destroying }>(new URL('./destroying.js', import.meta.url), lists, done);

async function batch(number: number): Promise<number> {
  const made = Array.from({ length: BATCH }, (_, i) => arena.dict<string, number>(`object ${number} ${i}`));
  for (const dict of made) dict.sync.set('key', 1);
  await lists.put(made);
  await done.get();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const before = await batch(0);
let after = 0;
for (let number = 1; number <= BATCHES; number++) after = await batch(number);
process.stdout.write(`${Math.round((after - before) / (BATCHES * BATCH))}\n`);
process.exit();
