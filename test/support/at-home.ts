import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { Manager, type Pool, type WorkerHandle } from 'commonhold';
import { fresh } from '../conformance/support.js';
import { make } from '../integration/programs/at-home.js';
import type atHome from '../integration/programs/at-home.js';
import type { Command, Making, Report } from '../integration/programs/at-home.js';
import type workOn from '../integration/programs/work-on.js';
import { Daemon } from './daemon.js';
import { until } from './until.js';

const AT_HOME = new URL('../integration/programs/at-home.js', import.meta.url);
export const WORK_ON = new URL('../integration/programs/work-on.js', import.meta.url);

export type Methods = Record<string, (...args: readonly unknown[]) => unknown>;
export type Work = readonly [method: string, ...args: unknown[]];
export interface WorkOn {
  default: typeof workOn;
}

export let daemon: Daemon;
/** The manager handle of this process, which is the home of the objects that it makes at home. */
export let manager: Manager;
const homes: HomeProcess[] = [];
/** Others that work on what is at home here: a thread of this process, and another process. */
let thread: Pool<WorkOn> | undefined;
let elsewhere: Pool<WorkOn> | undefined;

/** A daemon, and a manager handle in this process, for the tests of one file. */
export function atHomeHere(): void {
  beforeAll(async () => {
    daemon = await Daemon.serve();
    manager = await Manager.connect(daemon.address);
  });

  afterEach(async () => {
    for (const { worker } of homes.splice(0)) await worker.kill();
  });

  afterAll(async () => {
    await thread?.terminate();
    await elsewhere?.terminate();
    // The files that a process runs share this module.
    thread = elsewhere = undefined;
    await manager.close();
    await daemon.stop();
  });
}

/** Another process, which is the home of the objects that it is told to make. */
export class HomeProcess {
  readonly commands = manager.queue<Command>();
  readonly reports = manager.queue<Report>();
  readonly worker: WorkerHandle<void>;

  constructor() {
    this.worker = manager.fork<{ default: typeof atHome }>(AT_HOME, this.commands, this.reports);
    homes.push(this);
  }

  /** Takes the next report; fails with the reason if the process has ended. */
  report(): Promise<Report> {
    const ended = this.worker.result.then(() => Promise.reject(new Error('the home process has ended')));
    return Promise.race([this.reports.get(), ended]);
  }

  async tell(command: Command): Promise<Report> {
    await this.commands.put(command);
    return this.report();
  }

  /** Makes an object there; resolves when other processes can use it. */
  async make(kind: string, more: Partial<Making> = {}): Promise<string> {
    const name = more.name ?? fresh(kind);
    await this.tell({ do: 'make', kind, name, ...more });
    expect(await this.tell({ do: 'await', name, call: 'create', args: [] })).toEqual({ done: 'made' });
    return name;
  }

  sync(name: string, call: string, ...args: unknown[]): Promise<Report> {
    return this.tell({ do: 'sync', name, call, args });
  }
}

/** An object at home in this process, used by its main thread, a thread and another process. */
export class Hand {
  constructor(readonly proxy: object & { readonly name: string; readonly sync: object }) {}

  here(method: string, ...args: unknown[]): unknown {
    return (this.proxy.sync as Methods)[method]!(...args);
  }

  inThread(method: string, ...args: unknown[]): Promise<unknown> {
    // Started at the first use: only what starts after the memory was made works on it.
    thread ??= manager.pool<WorkOn>(WORK_ON, { threads: 1 });
    return thread.apply(this.proxy, 'sync', method, ...args);
  }

  elsewhere(method: string, ...args: unknown[]): Promise<unknown> {
    elsewhere ??= manager.pool<WorkOn>(WORK_ON, { processes: 1 });
    return elsewhere.apply(this.proxy, 'await', method, ...args);
  }
}

export function hand(kind: string): Hand {
  return new Hand(make(manager, { kind, name: fresh(kind) }));
}

/** Returns the manager's description of an object. */
export async function info(name: string) {
  for await (const object of manager.objects({ match: name })) return object;
  return undefined;
}

/** Waits until that many calls wait on an object. */
export async function untilWaiting(name: string, waiters: number): Promise<void> {
  await until(`${waiters} wait on ${name}`, async () => (await info(name))?.waiters === waiters);
}
