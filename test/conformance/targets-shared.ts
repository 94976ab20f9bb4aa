import { Manager } from '../../client/index.js';
import { DirectTransport } from '../../client/connect/transport/direct.js';
import { Session as EngineSession } from '../../engine/core/session.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { Region } from '../../engine/shared/memory/region.js';
import { checkGuards } from '../support/checked-guards.js';
import type { Session } from './target.js';
import type { OpenTarget } from './targets.js';

/** Suites for features that shared memory does not offer. docs/shared-memory.md says why. */
export const LACKS: ReadonlySet<string> = new Set<string>([
  // Kinds that only managers have, and operations on several objects at once.
  'set',
  'namespace',
  'pipe',
  'object',
  'rwlock',
  'atomic',
  // An object that a container refers to stays until it is destroyed: see test/threads/anonymous.test.ts.
  'common: anonymous objects',
  // Changes are not reported to others: that would be a second write for each.
  'watch',
  'dict: watch',
  'dict: watch as a copy',
  'dict: loops of watches',
  'dict: history',
  'dict: history of a destroyed dict',
  'dict: watch of a name',
  'list: watch of a name',
  'value: watch of a name',
  'event: watch of a name',
  'queue: watch of a name',
  'dict: near cache',
  'list: watch',
  'list: watch as a copy',
  // No thread would end a key, or an object, when its time is over.
  'dict: expiry of keys',
  'dict: time to live',
  'common: expiry of objects',
  // Neither would reads of all threads, which do not take the guard, write down that they used a key.
  'dict: maxEntries',
  // The writer itself checks a fence, and all threads write.
  'fences',
  // An operation inside a value needs the codec of that value.
  'dict: path',
  'dict: path into values',
  'dict: path, many at once',
  'dict: path, against a model',
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
  'queue: letters',
  'queue: backoff',
  'queue: ids',
  'queue: head',
  'queue: pause',
  'queue: rate',
  // No thread knows the waits of all others: only an owner that would wait for itself alone gets an error.
  'deadlock: cycles',
  'deadlock: waits that are none',
  'deadlock: locks handed over',
  'deadlock: sessions',
  'deadlock: at random',
  'condition: deadlock',
  'manager: locks',
  // The kernel serves its lines in the order of arrival.
  'locks: priorities',
  'queue: watch',
  'value: watch',
  'event: watch',
]);

/** Shared memory on which one thread works. @param wasm the kernel: true for WebAssembly, false for JavaScript */
export function sharedInOneThread(wasm: boolean): OpenTarget {
  const engine = createSharedEngine(Region.create('test', 1 << 20, 1 << 28, wasm));
  checkGuards(engine.thread);
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
