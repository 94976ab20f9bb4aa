// Listens to a pool with functions that throw, and prints the errors as far as nothing caught them, and the results of the pool.
import { Manager } from 'commonhold';
import type jobsModule from './jobs.js';

const uncaught: string[] = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

await using manager = await Manager.start();
await using pool = manager.pool<{ default: typeof jobsModule }>(new URL('./jobs.js', import.meta.url), { threads: 1 });
let deaths = 0;
for (const event of ['workerStarted', 'workerDied', 'drained'] as const) {
  pool.on(event, () => {
    throw new Error(event);
  });
}
pool.on('workerDied', () => deaths++);
const died = await pool.apply('exit', 1).catch((error: unknown) => (error as Error).name);
console.log(JSON.stringify({ results: [died, await pool.apply('echo', 1)], deaths, uncaught: [...new Set(uncaught)].sort() }));
