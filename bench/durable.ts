import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Manager } from 'commonhold';
import { latency, together, type Contender } from './contender.js';
import { ourWorker } from './ours.js';
import { startNode, startNodes } from './process.js';
import type { Scope } from './scope.js';
import { callTimes } from './workers/load.js';

const NAME = 'commonhold';
/** Calls in flight while a dict is filled. */
const WINDOW = 1_000;
/** Calls of the row of bytes. */
const CALLS = 10_000;

/** Options of a manager that never writes a snapshot by itself. */
const NO_SNAPSHOTS = { snapshotAfter: Number.MAX_SAFE_INTEGER } as const;

/** Client processes that alternate set and get in one dict of a manager that keeps it in a directory. */
export async function ourDurableClients(scope: Scope, clients: number, window: number): Promise<Contender> {
  const manager = await startDurable(scope, 'clients');
  return together(NAME, await startNodes(scope, clients, ourWorker(manager, 'dict', String(window))));
}

/** Writes as many bytes as a call has in the log, and has them on the disk before the next: `window` calls share each flush. */
export async function bareFlushes(scope: Scope, clients: number, window: number): Promise<Contender> {
  const nodes = Array.from({ length: clients }, (_, n) =>
    startNode(scope, { file: 'peers/fdatasync.js', args: [join(scope.directory, `bare-${n}`), String(window)] }),
  );
  return together('write and fdatasync', await Promise.all(nodes));
}

/** Bytes of the log for each call that sets an entry, with a window of calls. */
export function ourBytes(scope: Scope, window: number): Contender {
  let round = 0;
  return {
    name: NAME,
    async measure() {
      const dataDir = join(scope.directory, `bytes-${window}-${++round}`);
      const manager = await Manager.start({ dataDir, ...NO_SNAPSHOTS });
      const dict = manager.dict<string, number>('bench');
      await callTimes(CALLS, window, (n) => dict.set(`key:${n}`, n));
      process.kill(manager.daemonPid!, 'SIGKILL');
      await manager.close();
      return { figure: (await writtenBytes(dataDir)) / CALLS, operations: CALLS };
    },
  };
}

/** Returns the size of a log without the zeros that its files were filled with. */
async function writtenBytes(dataDir: string): Promise<number> {
  const files = (await readdir(dataDir)).filter((name) => name.endsWith('.log'));
  const contents = await Promise.all(files.map((name) => readFile(join(dataDir, name))));
  return contents.reduce((sum, bytes) => sum + bytes.findLastIndex((byte) => byte !== 0) + 1, 0);
}

/**
 * Time from the call of `Manager.start()` to the first answer of a manager that goes on from its directory.
 * @param source the snapshot that a stop in order leaves, or the log alone
 */
export async function ourRecovery(scope: Scope, entries: number, source: 'snapshot' | 'log'): Promise<Contender> {
  const filled = join(scope.directory, 'filled');
  const manager = await Manager.start({ dataDir: filled, ...NO_SNAPSHOTS });
  await fill(manager, entries);
  if (source === 'log') process.kill(manager.daemonPid!, 'SIGKILL');
  await manager.close();
  let round = 0;
  return {
    name: NAME,
    async measure() {
      const dataDir = join(scope.directory, `recovery-${++round}`);
      await mkdir(dataDir, { mode: 0o700 });
      await cp(filled, dataDir, { recursive: true, filter: (path) => !path.endsWith('owner') });
      const started = performance.now();
      const again = await Manager.start({ dataDir, ...NO_SNAPSHOTS });
      if ((await again.dict('bench').size()) !== entries) throw new Error('the manager has lost entries');
      const figure = performance.now() - started;
      process.kill(again.daemonPid!, 'SIGKILL');
      await again.close();
      return { figure, operations: 1 };
    },
  };
}

/** The slowest of a hundred awaited reads, while another client writes into a large dict. */
export async function ourSlowReads(scope: Scope, entries: number, snapshots: boolean): Promise<Contender> {
  const options = snapshots ? { snapshotAfter: 1024 * 1024 } : NO_SNAPSHOTS;
  const manager = await startDurable(scope, snapshots ? 'snapshots' : 'quiet', options);
  await fill(manager, entries);
  return latency(snapshots ? NAME : 'without snapshots', await startNode(scope, ourWorker(manager, 'slow-reads')));
}

async function startDurable(scope: Scope, name: string, options: { snapshotAfter?: number } = {}): Promise<Manager> {
  const manager = await Manager.start({ dataDir: join(scope.directory, name), ...options });
  scope.defer(() => manager.close());
  return manager;
}

async function fill(manager: Manager, entries: number): Promise<void> {
  const dict = manager.dict<string, number>('bench');
  await callTimes(entries, WINDOW, (n) => dict.set(`key:${n}`, n));
}
