// Small programs with workers: `node workers.js CASE`.
import { Manager } from 'commonhold';
import type run from './children.js';

const CHILDREN = new URL('./children.js', import.meta.url);

interface Children {
  default: typeof run;
}

const CASES: Record<string, () => Promise<void>> = {
  /** Ends while a daemonic worker runs. */
  async daemonic() {
    const manager = await Manager.start();
    const said = manager.queue<unknown>();
    const workers = [manager.worker({ daemonic: true }).fork<Children>(CHILDREN, 'say', said)];
    workers.push(manager.worker({ daemonic: true }).thread<Children>(CHILDREN, 'say', said));
    await said.get();
    await said.get();
    console.log(JSON.stringify({ pids: [workers[0]!.pid] }));
  },

  /** Waits for daemonic workers whose results it awaits. */
  async awaits() {
    const manager = await Manager.start();
    const daemonic = manager.worker({ daemonic: true });
    console.log(await daemonic.fork<Children>(CHILDREN, 'echo', 1).result);
    console.log(await daemonic.thread<Children>(CHILDREN, 'echo', 2).result);
    await daemonic.fork<Children>(CHILDREN, 'nothing').join();
    console.log('joined');
    await manager.close();
  },

  /** Does not await its worker, which still runs when the program is done. */
  async plain() {
    const manager = await Manager.start();
    manager.fork<Children>(CHILDREN, 'lingers', process.argv[3]);
    console.log('done');
  },

  /** Has workers of all kinds, and stays. */
  async stays() {
    const manager = await Manager.start();
    const said = manager.queue<unknown>();
    const workers = [true, false].flatMap((daemonic) =>
      (['say', 'deaf'] as const).map((deed) => manager.worker({ daemonic }).fork<Children>(CHILDREN, deed, said)),
    );
    for (const _ of workers) await said.get();
    console.log(JSON.stringify({ manager: manager.daemonPid, pids: workers.map(({ pid }) => pid) }));
  },

  /** Has a worker fail by an uncaught error. */
  async uncaught() {
    const manager = await Manager.start();
    await manager.fork<Children>(CHILDREN, 'throwsLater').result.catch((error: unknown) => console.log((error as Error).name));
    await manager.close();
  },
};

await CASES[process.argv[2]!]!();
