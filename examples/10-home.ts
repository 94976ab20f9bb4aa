// A counter and a histogram at home in this process: its threads add to them at the speed of memory, while another process, which only
// knows their names, watches them through the manager.
import { Manager } from 'commonhold';

await using manager = await Manager.start();

const [THREADS, SAMPLES] = [4, 50_000];

const samples = manager.value('samples', 0, { home: 'process', type: 'u32' });
const histogram = manager.dict<string, number>('histogram', { home: 'process' });
// From here on, other processes find them.
await Promise.all([samples.create(), histogram.create()]);

const watcher = manager.fork<typeof import('./10-home.watcher.js')>(
  new URL('./10-home.watcher.js', import.meta.url),
  manager.address,
  THREADS * SAMPLES,
);
const threads = Array.from({ length: THREADS }, (_, seed) =>
  manager.thread<typeof import('./10-home.worker.js')>(new URL('./10-home.worker.js', import.meta.url), samples, histogram, SAMPLES, seed),
);
await Promise.all(threads.map((thread) => thread.result));

// No promise, because the objects are in the memory of this process.
const drawn = [...histogram.sync.values()].reduce((sum, count) => sum + count, 0);
console.log('threads:', samples.sync.get(), 'samples,', drawn, 'in the histogram');

const { seen, keys, steady } = await watcher.result;
console.log('watcher:', seen, 'samples in the end,', keys, 'keys, and the counter only grew:', steady);
