import { Manager } from '../../client/index.js';
import { DirectTransport } from '../../client/transport/direct.js';
import { Session as EngineSession } from '../../engine/session.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { Region } from '../../engine/shared/region.js';
import type { Session } from './target.js';
import type { OpenTarget } from './targets.js';

/** What shared memory does not offer, and why: see docs/shared-memory.md. */
const LACKS = new Set<string>([
  // Queues are first in, first out, and an item is taken for good.
  'queue: last in, first out',
  'queue: priorities',
  'queue: options of order',
  'queue: delay',
  'queue: delivery',
  'queue: deliveries',
  'queue: lost delivery',
  'queue: shutdown with deliveries',
  'queue: dead letters',
  'queue: watch',
]);

/** Shared memory, on which one thread works. @param wasm which kernel */
export function sharedInOneThread(wasm: boolean): OpenTarget {
  const engine = createSharedEngine(Region.create('test', 1 << 20, 1 << 28, wasm));
  let sessions = 0;
  return {
    name: `shared in one thread, ${wasm ? 'WebAssembly' : 'JavaScript'}`,
    lacks: LACKS,
    open(): Promise<Session> {
      sessions++;
      const session = new EngineSession(
        `shared-${sessions}`,
        { pid: process.pid, label: 'shared' },
        (token) => transport.lost(token),
        (warning) => transport.warned(warning),
      );
      const transport = new DirectTransport(engine, 'shared', session);
      const manager = new Manager(transport);
      return Promise.resolve({ manager, close: () => manager.close() });
    },
    shutDown(): Promise<void> {
      engine.close();
      return Promise.resolve();
    },
  };
}
