import { Manager } from 'commonhold';
import { beside, latency, together, transfer, type Contender } from './contender.js';
import { residentBytes } from './machine.js';
import { startNode, startNodes, type Command, type MeasuringProcess } from './process.js';
import { Scope } from './scope.js';
import type { ItemType } from './workers/items.js';

const NAME = 'commonhold';

/** Starts a daemon in its own process, on a unix socket, as `Manager.start()` does. */
interface Daemon {
  readonly address: string;
  readonly token?: string | undefined;
}

/** Client processes that alternate set and get in one dict, each with a window of calls. */
export async function ourDictClients(scope: Scope, clients: number, window: number): Promise<Contender> {
  const daemon = await startDaemon(scope);
  return together(NAME, await startNodes(scope, clients, ourWorker(daemon, 'dict', String(window))));
}

/** One producer process to one consumer process. */
export async function ourQueue(scope: Scope): Promise<Contender> {
  const daemon = await startDaemon(scope);
  const consumer = await startNode(scope, ourWorker(daemon, 'queue', 'consume'));
  const producer = await startNode(scope, ourWorker(daemon, 'queue', 'produce'));
  return transfer(NAME, [consumer, producer]);
}

/** One client that locks, reads, writes and releases a value. */
export async function ourLockedValue(scope: Scope): Promise<Contender> {
  const daemon = await startDaemon(scope);
  return together(NAME, [await startNode(scope, ourWorker(daemon, 'locked-value'))]);
}

/** One client that reads through a near cache, beside one that writes. */
export async function ourCachedReader(scope: Scope): Promise<Contender> {
  const daemon = await startDaemon(scope);
  const writer = await startNode(scope, ourWorker(daemon, 'cached', 'write'));
  return beside(NAME, await startNode(scope, ourWorker(daemon, 'cached', 'read')), [writer]);
}

/** Threads that work in shared memory, in a process of their own. */
export async function ourThreads(scope: Scope, work: string, ...args: readonly string[]): Promise<Contender> {
  return together(NAME, [await startThreads(scope, work, args)]);
}

/** A producer thread and a consumer thread at a queue in shared memory. */
export async function ourThreadQueue(scope: Scope, type: ItemType, length: number): Promise<Contender> {
  return transfer(NAME, [await startThreads(scope, 'shared-queue', [type, String(length)])]);
}

/** Two threads that wake each other; measures a round trip. */
export async function ourWakeUp(scope: Scope, wait: 'sync' | 'async'): Promise<Contender> {
  return latency(NAME, await startThreads(scope, 'shared-wakeup', [wait]));
}

/** Client processes that send the operations of the shared-memory rows to a daemon, each with a window of calls. */
export async function ourRemoteClients(scope: Scope, clients: number, window: number, operation: string): Promise<Contender> {
  const daemon = await startDaemon(scope);
  const name = `${NAME} over gRPC, ${window === 1 ? 'awaited' : `${window.toLocaleString('en-US')} in flight`}`;
  return together(name, await startNodes(scope, clients, ourWorker(daemon, 'remote', operation, String(window))));
}

/**
 * Memory of the daemon for each call that waits on a queue. Uses a new daemon each time, because a daemon that has grown does not grow
 * again.
 */
export function ourWaiters(waiters: number, clients: number): Contender {
  return {
    name: NAME,
    async measure() {
      await using manager = await Manager.start();
      const queue = await manager.queue('bench').create();
      const managers = await Promise.all(Array.from({ length: clients }, () => Manager.connect(manager.address, { token: manager.token })));
      const before = residentBytes(manager.daemonPid!);
      const calls = managers.flatMap((client) => Array.from({ length: waiters / clients }, () => client.queue(queue.name).get()));
      const ended = Promise.allSettled(calls);
      while ((await manager.stats()).waiters < waiters);
      const grown = residentBytes(manager.daemonPid!) - before;
      await queue.destroy();
      await ended;
      await Promise.all(managers.map((client) => client.close()));
      return { figure: grown / waiters, operations: waiters };
    },
  };
}

/** The longest wait of a client while another one makes a large request. Uses a new daemon each time, whose heap is small. */
export function ourHeldUpClient(attack: string): Contender {
  return {
    name: NAME,
    async measure() {
      await using scope = await Scope.open();
      const daemon = await startDaemon(scope);
      const innocent = await startNode(scope, ourWorker(daemon, 'innocent'));
      const attacker = await startNode(scope, ourWorker(daemon, 'attacker', attack));
      const [{ operations, seconds }] = await Promise.all([innocent.round({ items: 1 }), attacker.round({ items: 1 })]);
      return { figure: seconds * 1000, operations };
    },
  };
}

function startThreads(scope: Scope, work: string, args: readonly string[]): Promise<MeasuringProcess> {
  return startNode(scope, { file: `workers/${work}.js`, args });
}

async function startDaemon(scope: Scope): Promise<Daemon> {
  const manager = await Manager.start();
  scope.defer(() => manager.close());
  return { address: manager.address, token: manager.token };
}

/** A worker that connects to a daemon. */
export function ourWorker({ address, token }: Daemon, worker: string, ...args: readonly string[]): Command {
  return {
    file: `workers/${worker}.js`,
    args: [address, ...args],
    environment: token === undefined ? {} : { COMMONHOLD_TOKEN: token },
  };
}
