// Four processes add to one value under its lock, 100 times each; none is lost.
import { Manager } from 'commonhold';

await using manager = await Manager.start();

const counter = manager.value('counter', 0);

const workers = [1, 2, 3, 4].map(() =>
  manager.fork<typeof import('./03-counter.worker.js')>(new URL('./03-counter.worker.js', import.meta.url), counter, 100),
);
await Promise.all(workers.map((worker) => worker.result));

console.log(await counter.get());
