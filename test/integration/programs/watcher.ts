// Small programs that show when a program that watches ends: `node watcher.js CASE ADDRESS`.
import { Manager } from 'commonhold';

const CASES: Record<string, (manager: Manager) => Promise<void>> = {
  /** Watches, and never asks: neither a dict, nor an object that cannot be watched, nor an aborted watch. */
  async forgets(manager) {
    await manager.list('list').push(1);
    manager.dict('dict').watch();
    manager.dict('list').watch();
    manager.dict('dict').watch({ from: 1 });
    manager.dict('dict').watch({ signal: AbortSignal.abort() });
    manager.value('list', 0).watch();
    manager.queue('queue').watch();
    await manager.dict('dict').set('a', 1);
    console.log('forgot');
  },

  /** Leaves its loop, and ends. */
  async leaves(manager) {
    const changes = manager.dict<string, number>('left').watch();
    await manager.dict<string, number>('left').set('a', 1);
    for await (const { key } of changes) {
      console.log(`told of ${key}`);
      break;
    }
  },

  /** Waits for a change, and has nothing else to do. */
  async waits(manager) {
    console.log('waiting');
    for await (const set of manager.event('event').watch()) {
      if (set) break;
    }
    console.log('set');
  },
};

const [name, address] = process.argv.slice(2);
await CASES[name!]!(await Manager.connect(address));
