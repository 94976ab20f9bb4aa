import type { Manager } from '../../client/connect/manager.js';

/** Keys that the workloads of dicts use in turn. */
const KEYS = Array.from({ length: 1_000 }, (_, number) => `key ${number}`);

/** Calls of one kind, on objects without names: they end after the session of their client, even if that is killed. */
export interface Workload {
  readonly name: string;
  /** Calls of a step. */
  readonly calls: number;
  /** Prepares a client, and returns a function that starts a loop. @param value to store */
  start(manager: Manager, value: unknown): Promise<() => WorkloadStep>;
}

/** Makes the calls of a workload once, one after the other. */
export type WorkloadStep = () => Promise<unknown>;

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'dict.get',
    calls: 1,
    async start(manager, value) {
      const dict = manager.dict<string, unknown>();
      await dict.setMany(KEYS.map((key) => [key, value] as const));
      return () => {
        const next = keys();
        return () => dict.get(next());
      };
    },
  },
  {
    name: 'dict.set',
    calls: 1,
    async start(manager, value) {
      const dict = manager.dict<string, unknown>();
      await dict.create();
      return () => {
        const next = keys();
        return () => dict.set(next(), value);
      };
    },
  },
  {
    name: 'queue.put, get',
    calls: 2,
    async start(manager, value) {
      const queue = manager.queue();
      await queue.create();
      return () => async () => {
        await queue.put(value);
        await queue.get();
      };
    },
  },
  {
    name: 'lock.acquire, release',
    calls: 2,
    start(manager) {
      // Each loop has a lock of its own, and waits for no other.
      return Promise.resolve(() => {
        const lock = manager.lock();
        return async () => {
          const held = await lock.acquire();
          await held.release();
        };
      });
    },
  },
];

/** Returns a function that gives all keys in turn. */
function keys(): () => string {
  let at = 0;
  return () => KEYS[at++ % KEYS.length]!;
}
