// A program whose pool has a worker that fails while it has no task: `node between-tasks.js processes|threads`.
import { setTimeout } from 'node:timers/promises';
import { Manager } from 'commonhold';
import type { Noise } from './noisy.js';

interface Noisy {
  default: (noise: Noise, ...args: unknown[]) => Promise<unknown>;
}
const manager = await Manager.start();
const pool = manager.pool<Noisy>(new URL('./noisy.js', import.meta.url), { [process.argv[2]!]: 1 });
await pool.apply('later');
while (pool.stats.replaced === 0) await setTimeout(5);
console.log(await pool.apply('talk', 'goes on'));
await pool.terminate();
await manager.close();
