// A program whose pool prints more than a pipe holds, and ends: `node printing.js close|terminate|tasks`.
import { Manager } from 'commonhold';
import type { Noise } from './noisy.js';

interface Noisy {
  default: (noise: Noise, ...args: unknown[]) => Promise<unknown>;
}
const how = process.argv[2];
const manager = await Manager.start();
const pool = manager.pool<Noisy>(new URL('./noisy.js', import.meta.url), { processes: 1, ...(how === 'tasks' && { maxTasksPerChild: 1 }) });
await pool.apply('print', 1_000_000);
if (how === 'tasks') await pool.apply('print', 10);
if (how === 'terminate') await pool.terminate();
else await pool.close();
await pool.join();
await manager.close();
