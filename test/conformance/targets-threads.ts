import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Manager } from '../../client/index.js';
import { DirectTransport } from '../../client/connect/transport/direct.js';
import { Session as EngineSession } from '../../engine/core/session.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { Region } from '../../engine/shared/memory/region.js';
import { checkGuards } from '../support/checked-guards.js';
import type { Session } from './target.js';
import type { OpenTarget } from './targets.js';
import { LACKS } from './targets-shared.js';
import type { Visit } from './thread-messages.js';
import { ThreadTransport } from './thread-transport.js';

/** Suites for reports that clients in different threads do not get of each other. */
const LACKS_ACROSS = new Set<string>([
  ...LACKS,
  // The memory has the thread that holds; owner, session and levels are known to that thread alone.
  'lock: holder',
  'rlock: holder',
  'semaphore: holders',
  // A holder is told by its own thread; it finds out that another destroyed the object when it uses it.
  'array: destroyed while it is locked',
  'rlock: destroyed while it is held',
  // A notified waiter queues for the lock when its thread runs.
  'condition: order of notified sessions',
  // A message of one thread reaches another later than that one's own actions.
  'order between clients',
]);

/**
 * Shared memory on which several threads work: the first client of a suite in the thread of the tests, each further one in a thread that no
 * other client has at the same time.
 */
export function sharedAcrossThreads(): OpenTarget {
  const region = Region.create('test', 1 << 20, 1 << 28);
  const engine = createSharedEngine(region);
  checkGuards(engine.thread);
  const workers: Worker[] = [];
  /** Threads whose client has left. */
  const idle: Worker[] = [];
  let sessions = 0;
  let here = false;

  function inThisThread(sessionId: string): Session {
    here = true;
    const session = new EngineSession(
      sessionId,
      { pid: process.pid, label: 'shared' },
      (token) => transport.lost(token),
      (warning) => transport.warned(warning),
    );
    const transport = new DirectTransport(engine, 'shared', session);
    const manager = new Manager(transport);
    const close = async (): Promise<void> => {
      await manager.close();
      here = false;
    };
    return { manager, close };
  }

  function inAnother(sessionId: string): Session {
    const worker = idle.pop() ?? start();
    const { port1, port2 } = new MessageChannel();
    const visit: Visit = { sessionId, port: port2 };
    worker.postMessage(visit, [port2]);
    const left = once(worker, 'message').then(() => void idle.push(worker));
    const manager = new Manager(new ThreadTransport(sessionId, port1, left));
    return { manager, close: () => manager.close() };
  }

  function start(): Worker {
    const worker = new Worker(new URL('./thread-worker.js', import.meta.url), { workerData: region.handle });
    workers.push(worker);
    return worker;
  }

  return {
    name: 'shared across threads',
    lacks: LACKS_ACROSS,
    open(): Promise<Session> {
      const sessionId = `shared-${++sessions}`;
      return Promise.resolve(here ? inAnother(sessionId) : inThisThread(sessionId));
    },
    async shutDown(): Promise<void> {
      await Promise.all(workers.map((worker) => worker.terminate()));
      engine.close();
    },
  };
}
