// A program whose pool has workers that fail while they have no task, one after the other: `node between-tasks.js processes|threads 10`.
import { setTimeout } from 'node:timers/promises';
import { Manager } from 'commonhold';
import type { Noise } from './noisy.js';

interface Noisy {
  default: (noise: Noise, ...args: unknown[]) => Promise<unknown>;
}
const manager = await Manager.start();
const pool = manager.pool<Noisy>(new URL('./noisy.js', import.meta.url), { [process.argv[2]!]: 1 });
for (let failures = 1; failures <= Number(process.argv[3]); failures++) {
  await pool.apply('later');
  while (pool.stats.replaced < failures) await setTimeout(5);
}
console.log(await pool.apply('talk', 'goes on'));
await pool.terminate();
await manager.close();
