import { join } from 'node:path';
import { Manager, type ManagerError, type SharedDict } from 'commonhold';

interface Worker {
  default(counts: SharedDict<string, number>): Promise<string>;
}

/** A program that tests bundle into one file, and its worker into another, which it names. */
const worker = join(process.argv[3]!, 'worker.mjs');

async function main(): Promise<void> {
  await (process.argv[2] === 'embed' ? withManager(await Manager.embed()) : withManager(await Manager.start()));
}

async function withManager(manager: Manager): Promise<void> {
  try {
    const counts = manager.dict<string, number>('counts');
    const names = await Promise.all([manager.fork<Worker>(worker, counts).result, manager.thread<Worker>(worker, counts).result]);
    await using pool = manager.pool<Worker>(worker, { processes: 1 });
    names.push(await pool.apply(counts));
    console.log(`${await counts.get('calls')} calls of ${new Set(names).size} workers`);
  } finally {
    await manager.close();
  }
}

void main().catch((error: unknown) => {
  const { code, message } = error as ManagerError;
  console.error(`${code}: ${message}`);
  process.exitCode = 1;
});
