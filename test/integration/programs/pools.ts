// Small programs with a pool: `node pools.js CASE processes|threads`.
import { Manager } from 'commonhold';
import type jobs from './jobs.js';
import type square from './square.js';

const SQUARE = new URL('./square.js', import.meta.url);
const JOBS = new URL('./jobs.js', import.meta.url);

const CASES: Record<string, (kind: string) => Promise<void>> = {
  /** Uses a pool, and closes neither that nor the manager. */
  async forgets(kind) {
    const manager = await Manager.start();
    const pool = manager.pool<{ default: typeof square }>(SQUARE, { [kind]: 2 });
    const result = await pool.apply(9);
    process.stdout.write(JSON.stringify({ result, pids: pool.stats.workers.map(({ pid }) => pid) }));
  },

  /** Waits for a task, and has nothing else to do. */
  async waits(kind) {
    const manager = await Manager.start();
    const pool = manager.pool<{ default: typeof square }>(SQUARE, { [kind]: 1 });
    console.log(await pool.apply(3, 300));
    await pool.terminate();
    await manager.close();
  },

  /** Has a worker that is busy for ever and ignores signals, and one that is idle. */
  async stays() {
    const manager = await Manager.start();
    const pool = manager.pool<{ default: typeof jobs }>(JOBS, { processes: 2 });
    const said = manager.queue<unknown>();
    void pool.apply('deaf', said, 'busy').catch(() => {});
    await said.get();
    await pool.apply('nothing');
    console.log(JSON.stringify({ manager: manager.daemonPid, pids: pool.stats.workers.map(({ pid }) => pid) }));
  },
};

const [name, kind] = process.argv.slice(2);
await CASES[name!]!(kind!);
