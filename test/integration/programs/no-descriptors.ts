// Uses up all descriptors of its process, and then makes the attempt of its argument. Prints how that failed, and that it lives on.
import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Manager, type ManagerError } from 'commonhold';
import type * as Square from './square.js';

const SQUARE = new URL('./square.js', import.meta.url);

/** Leaves no descriptor free, although Node may still be closing some with which it loaded modules. */
async function exhaust(): Promise<void> {
  for (let idle = 0; idle < 3; idle = takeAll() > 0 ? 0 : idle + 1) await pause(20);
}

/** Opens files until no descriptor is free, and returns their number. */
function takeAll(): number {
  for (let count = 0; ; count++) {
    try {
      openSync('/dev/null', 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
      return count;
    }
  }
}

async function failure(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return (error as ManagerError).code ?? String(error);
  }
}

const attempts = {
  async start(): Promise<string> {
    await exhaust();
    return failure(() => Manager.start());
  },
  async embed(): Promise<string> {
    await exhaust();
    return failure(() => Manager.embed());
  },
  async fork(manager: Manager): Promise<string> {
    await exhaust();
    const worker = manager.fork<typeof Square>(SQUARE, 3);
    const killed = worker.kill();
    const failed = await failure(() => worker.result);
    await killed;
    await worker.terminate();
    return failed;
  },
  async pool(manager: Manager): Promise<string> {
    await exhaust();
    const pool = manager.pool<typeof Square>(SQUARE, { processes: 1 });
    const failed = await failure(() => pool.apply(3));
    await pool.terminate();
    return failed;
  },
};

const [wanted = ''] = process.argv.slice(2);
const needsManager = wanted === 'fork' || wanted === 'pool';
const manager = needsManager ? await Manager.start() : undefined;
const code = await attempts[wanted as keyof typeof attempts](manager!);
console.log(`failed with ${code}`);
if (manager?.daemonPid !== undefined) process.kill(manager.daemonPid, 'SIGTERM');
process.exit(0);
