// Small programs that show when a program with a manager ends: `node lifecycle.js CASE ADDRESS`.
import { Manager } from 'commonhold';

const CASES: Record<string, (address: string) => Promise<void>> = {
  /** Closes, and continues with nothing else alive. */
  async closes(address) {
    const manager = await Manager.connect(address);
    await manager.dict('x').set('a', 1);
    await manager.close();
    console.log('closed');
  },

  /** Starts a manager of its own, and closes it. */
  async starts() {
    const manager = await Manager.start();
    await manager.dict('x').set('a', 1);
    await manager.close();
    console.log('closed');
  },

  /** Never closes. */
  async forgets(address) {
    const manager = await Manager.connect(address);
    await manager.dict('x').set('a', 1);
    console.log('done');
  },

  /** Starts a manager, and never closes it. */
  async forgetsItsOwn() {
    const manager = await Manager.start();
    await manager.dict('x').set('a', 1);
    console.log(`manager ${manager.daemonPid}`);
  },

  /** Waits for an item, and has nothing else to do. */
  async waits(address) {
    const manager = await Manager.connect(address);
    console.log('waiting');
    console.log(`got ${String(await manager.queue('lifecycle').get())}`);
  },
};

const [name, address] = process.argv.slice(2);
await CASES[name!]!(address!);
