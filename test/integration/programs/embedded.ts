// Programs with a manager on a thread of their own: `node embedded.js CASE`.
import { Manager } from 'commonhold';
import type { Counter } from './types/counter.js';

const register = new URL('./types/counter.js', import.meta.url);

const CASES: Record<string, () => Promise<void>> = {
  /** Closes it, and continues with nothing else alive. */
  async closes() {
    const manager = await Manager.embed();
    await manager.dict('d').set('a', 1);
    console.log(manager.address);
    await manager.close();
    console.log('closed');
  },

  /** Never closes it, and has nothing more to do. */
  async forgets() {
    const manager = await Manager.embed();
    await manager.dict('d').set('a', 1);
    console.log(manager.address);
  },

  /** Stays until it is killed. */
  async stays() {
    const manager = await Manager.embed();
    await manager.dict('d').set('a', 1);
    console.log(manager.address);
    setInterval(() => {}, 60_000);
  },

  /** Keeps its own thread busy for ever. */
  async isBusy() {
    const manager = await Manager.embed({ register });
    await manager.object<Counter>('Counter', 'c').increment();
    console.log(manager.address);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },

  /** Has a type that ends the manager, and lives on. */
  async explodes() {
    const manager = await Manager.embed({ register });
    const expired = new Promise<void>((resolve) => manager.on('expired', () => resolve()));
    // An event that is awaited keeps no program alive.
    const alive = setInterval(() => {}, 60_000);
    await manager.object<Counter>('Counter', 'c').explode();
    await expired;
    clearInterval(alive);
    const reason: unknown = await manager
      .dict('d')
      .size()
      .catch((error: unknown) => error);
    console.log((reason as Error).name);
    await manager.close();
  },
};

await CASES[process.argv[2]!]!();
