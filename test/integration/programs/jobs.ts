import { setTimeout } from 'node:timers/promises';
import { currentWorker, Manager, taskSignal, type Barrier, type SharedQueue, type SharedValue } from 'commonhold';

/** A function of this module for a pool. */
export type Job = keyof typeof jobs;

let tasks = 0;
/** Memory that no task gives back. */
const leaked: unknown[] = [];
/** A promise that never settles keeps no worker alive by itself. */
const ever = (): Promise<never> => new Promise(() => setInterval(() => {}, 60_000));

const jobs = {
  echo: (value: unknown) => value,
  nothing: () => undefined,
  /** Process and thread of the worker: the same for all its tasks. */
  who: () => currentWorker()!.name,
  pid: () => process.pid,
  /** Number of tasks that this worker has begun. */
  count: () => tasks,
  async sleep(ms: number) {
    await setTimeout(ms);
    return currentWorker()!.name;
  },
  busy(ms: number) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return currentWorker()!.name;
  },
  /** Passes only with another task. */
  meet: (barrier: Barrier) => barrier.wait({ timeout: 120_000 }),
  add: (value: SharedValue<number>, amount: number) => value.add(amount),
  fail(message: string): never {
    throw Object.assign(new RangeError(message, { cause: new TypeError('inner') }), { code: 'E_FAR' });
  },
  untransportable: () => ({ deep: [{ run: () => 1 }] }),
  /** Ends its worker, after a delay. */
  async exit(code: number, ms = 0) {
    if (ms > 0) await setTimeout(ms);
    process.exit(code);
  },
  async crash() {
    setImmediate(() => {
      throw new Error('behind its back');
    });
    await ever();
  },
  /** Reports who it is, and runs for ever. */
  async say(said: SharedQueue<unknown>) {
    await said.put(process.pid);
    await ever();
  },
  /** Reports its start, and the reason of its signal when it aborts; then it ends. */
  async listen(said: SharedQueue<unknown>) {
    const signal = taskSignal();
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await said.put(currentWorker()!.name);
    await aborted;
    await said.put(signal.reason);
    return 'too late';
  },
  /** Reports its start, and ignores its signal: its thread is busy or, which takes no processor time, blocked. */
  async deaf(said: SharedQueue<unknown>, how: 'busy' | 'blocked' = 'blocked') {
    await said.put(currentWorker()!.name);
    if (how === 'blocked') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    for (;;);
  },
  /** Keeps some memory, on the heap: returns the number of times that this worker did so. */
  leak: (bytes: number) => leaked.push(new Array<number>(bytes / 8).fill(0)),
  signal: () => taskSignal().aborted,
  /** Uses a pool of its own. */
  async nested(address: string, module: string) {
    await using manager = await Manager.connect(address);
    await using pool = manager.pool<{ default: (x: number) => Promise<number> }>(module, { threads: 1 });
    return await pool.map([1, 2, 3]);
  },
  variable: (name: string) => process.env[name],
  flags: () => process.execArgv,
  argv: () => process.argv.slice(2),
  worker: () => {
    const { name, daemonic, parent } = currentWorker()!;
    return { name, daemonic, parent };
  },
};

export default async function (job: Job, ...args: unknown[]): Promise<unknown> {
  tasks++;
  return (jobs[job] as (...args: unknown[]) => unknown)(...args);
}
