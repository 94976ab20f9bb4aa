// Workers fill one shared dict.
import { Manager } from 'commonhold';

await using manager = await Manager.start();

const squares = manager.dict<number, number>('squares');

const workers = [0, 1, 2, 3].map((n) =>
  manager.fork<typeof import('./04-dict.worker.js')>(new URL('./04-dict.worker.js', import.meta.url), squares, n),
);
await Promise.all(workers.map((worker) => worker.result));

// The dict has the order in which the workers inserted; an object sorts such keys.
console.log(Object.fromEntries(await squares.toMap()));
