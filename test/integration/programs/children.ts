import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import { currentWorker, Manager, taskSignal, type Lock, type PipeEnd, type SharedList, type SharedQueue } from 'commonhold';

/** A function of this module for a worker. */
export type Deed = keyof typeof deeds;

const HERE = new URL(import.meta.url);
const stay = (): Promise<never> => new Promise(() => setInterval(() => {}, 60_000));

const deeds = {
  echo: (...args: unknown[]) => args,
  self: () => {
    const { name, daemonic, parent } = currentWorker()!;
    return { name, daemonic, parent, pid: process.pid, isMainThread, ppid: process.ppid };
  },
  nothing: () => undefined,
  async say(said: SharedQueue<unknown>) {
    await said.put(currentWorker()!.name);
    await stay();
  },
  async holds(lock: Lock, said: SharedQueue<unknown>) {
    await lock.acquire();
    await said.put('held');
    await stay();
  },
  /** Stays busy for ever and ignores SIGTERM. */
  async deaf(said: SharedQueue<unknown>) {
    process.on('SIGTERM', () => {});
    await said.put(process.pid);
    for (;;);
  },
  /** Exits with this code when it is interrupted. */
  async interruptible(said: SharedQueue<unknown>, code: number) {
    process.once('SIGINT', () => process.exit(code));
    await said.put('ready');
    await stay();
  },
  /** Starts workers that start workers, each noted before its children. */
  async descend(address: string, how: 'fork' | 'thread', path: number[], places: number[], notes: SharedList<number[]>) {
    await notes.push(path);
    if (path.length === 2) return;
    await using manager = await Manager.connect(address);
    for (const place of places)
      await manager[how]<{ default: typeof run }>(HERE, 'descend', address, how, [...path, place], places, notes).result;
  },
  /** Starts a worker that would outlive it. */
  async parent(address: string, daemonic: boolean, said: SharedQueue<unknown>, file: string) {
    const manager = await Manager.connect(address);
    manager.worker({ daemonic, name: 'grandchild' }).fork<{ default: typeof run }>(HERE, 'orphan', said, file);
    await stay();
  },
  /** Reports who it is, and notes in a file when it learns that its parent is gone. */
  async orphan(said: SharedQueue<unknown>, file: string) {
    const { orphaned, parent } = currentWorker()!;
    orphaned.addEventListener('abort', () => appendFileSync(file, `${(orphaned.reason as Error).message}; task ${taskSignal().aborted}\n`));
    await said.put({ pid: process.pid, parent });
    await stay();
  },
  inherits: async (address: string) => {
    await using manager = await Manager.connect(address);
    const [same, other] = [
      manager.fork<{ default: typeof run }>(HERE, 'nothing'),
      manager.worker({ daemonic: false }).fork<{ default: typeof run }>(HERE, 'nothing'),
    ];
    await Promise.all([same.result, other.result]);
    return [same.daemonic, other.daemonic];
  },
  /** Paths of the files that are open here. */
  files: () => readdirSync('/proc/self/fd').flatMap(openPath),
  /** Leaves a thread and a timer at work when the function has ended. */
  lingers(file: string) {
    new Worker(`setTimeout(() => require('node:fs').appendFileSync(${JSON.stringify(file)}, 'thread\\n'), 200)`, { eval: true });
    globalThis.setTimeout(() => appendFileSync(file, 'timer\n'), 100);
    return 'ended';
  },
  closesStdio() {
    for (const fd of [0, 1, 2]) closeSync(fd);
    return 'still here';
  },
  async exit(code: number | undefined) {
    await setTimeout(1);
    process.exit(code);
  },
  exitCode(code: number) {
    process.exitCode = code;
    return 'with a result';
  },
  async throwsLater() {
    setImmediate(() => {
      throw new RangeError('uncaught '.repeat(2000));
    });
    await stay();
  },
  async pipe(end: PipeEnd<string, string>) {
    for await (const text of end) await end.send(text.toUpperCase());
  },
  /** Leaves a process behind that inherits open files. */
  async leavesBehind(said: SharedQueue<unknown>) {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { detached: true, stdio: 'inherit' });
    await said.put(child.pid);
    await stay();
  },
  opens: () => openSync('/dev/null', 'r'),
  variable: (name: string) => process.env[name],
  flags: () => process.execArgv,
};

export default async function run(deed: Deed, ...args: unknown[]): Promise<unknown> {
  return (deeds[deed] as (...args: unknown[]) => unknown)(...args);
}

/** The path of the file behind a descriptor; none if it was closed meanwhile. */
function openPath(fd: string): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${fd}`)];
  } catch {
    return [];
  }
}
