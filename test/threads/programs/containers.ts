import { Worker } from 'node:worker_threads';
import { share } from '../../../client/index.js';
import { arenaOn } from '../../support/arena.js';
import { bundled } from '../../support/bundled.js';

// A program whose threads store anonymous objects by all methods, while another one destroys the containers. Prints how each of them ended.
// Its arguments: the kernel, the number of rounds.
const [kernel, rounds] = process.argv.slice(2);
const STORING = 3;
const arena = arenaOn(kernel === 'WebAssembly', 1 << 27);
const worker = await bundled(new URL('./storing.js', import.meta.url));
const data = share({ list: arena.list('list') });
await arena.prepared();
const ends = Array.from({ length: STORING + 1 }, async (_, index) => {
  const thread = new Worker(worker.file, { workerData: { data, destroys: index === STORING, rounds: Number(rounds) } });
  return new Promise((resolve) => thread.once('message', resolve).once('error', resolve));
});
for (const end of ends) process.stdout.write(`${String(await end)}\n`);
await worker.remove();
process.exit();
