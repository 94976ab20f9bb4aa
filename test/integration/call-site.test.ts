import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Arena, Manager, ManagerUnavailableError, type ManagerError } from 'commonhold';
import { Daemon, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';

const PROGRAM = new URL('./programs/call-site.js', import.meta.url);

/** Returns the error of a call that is awaited in a function of that name. */
async function errorOf(call: () => Promise<unknown>): Promise<ManagerError> {
  try {
    await call();
  } catch (error) {
    return error as ManagerError;
  }
  throw new Error('the call did not fail');
}

/** Calls that fail, each in a function whose name must be in the stack of its error. */
const CALLS: Record<string, (manager: Manager) => Promise<unknown>> = {
  async refusedByTheManager(manager) {
    await manager.list('list').set(5, 'far');
  },
  async timedOut(manager) {
    await manager.queue('empty').get({ timeout: 1 });
  },
  async inPromiseAll(manager) {
    await Promise.all([manager.dict('d').set('a', 1), manager.list('list').set(5, 'far')]);
  },
  async ofAnotherKind(manager) {
    await manager.dict('d').set('a', 1);
    await manager.list('d').push(1);
  },
  async inRun(manager) {
    await manager.lock('l').run(() => manager.queue('empty').get({ timeout: 1 }));
  },
  async inALoop(manager) {
    for await (const job of manager.list('d')) expect(job).toBe('never');
  },
  async ofAPath(manager) {
    await manager.dict('d').path('nowhere', 'deep').push(1);
  },
  async ofABatch(manager) {
    await manager.atomic().push(manager.list('d'), 1).commit();
  },
  async ofABarrier(manager) {
    await manager.barrier('b', 2).wait({ timeout: 1 });
  },
};

/** A value that cannot be stored, with the fault deep in it. */
const FAULTY = { a: [{ b: [{ c: [{ d: [{ e: [{ f: () => 1 }] }] }] }] }] };
/** A key that has no canonical form. */
const NO_KEY = { a: 1 } as unknown as string;

/** Calls with such arguments, which are refused before anything is sent. */
const REFUSED: Record<string, (manager: Manager, arena: Arena) => unknown> = {
  dictSet: (manager) => manager.dict('d').set('a', FAULTY),
  dictSetKey: (manager) => manager.dict('d').set(NO_KEY, 1),
  dictSetMany: (manager) => manager.dict('d').setMany({ a: FAULTY }),
  dictSetManyKey: (manager) => manager.dict('d').setMany([[NO_KEY, 1]]),
  dictGetOrInsert: (manager) => manager.dict('d').getOrInsert('a', FAULTY),
  dictCompareAndSet: (manager) => manager.dict('d').compareAndSet('a', 1, FAULTY),
  dictUpdate: (manager) => manager.dict('d').update('a', () => FAULTY),
  dictPath: (manager) => manager.dict('d').path('a').set(FAULTY),
  dictPathPush: (manager) => manager.dict('d').path('a').push(1, FAULTY),
  listPush: (manager) => manager.list('l').push(1, FAULTY),
  listInsert: (manager) => manager.list('l').insert(0, FAULTY),
  listIndexOf: (manager) => manager.list('l').indexOf(FAULTY),
  setAdd: (manager) => manager.set('s').add(FAULTY),
  setAddAll: (manager) => manager.set('s').addAll([1, FAULTY]),
  setHas: (manager) => manager.set('s').has(FAULTY),
  queuePut: (manager) => manager.queue('q').put(FAULTY),
  queuePutMany: (manager) => manager.queue('q').putMany([1, FAULTY]),
  valueSet: (manager) => manager.value<unknown>('v', 1).set(FAULTY),
  valueNew: (manager) => manager.value<unknown>('v', FAULTY),
  namespaceSet: (manager) => manager.namespace<{ a: unknown }>('n').set('a', FAULTY),
  namespaceAssign: (manager) => manager.namespace<{ a: unknown }>('n').assign({ a: FAULTY }),
  pipeSend: (manager) => manager.pipe()[0].send(FAULTY),
  objectCall: (manager) => manager.object<{ run(x: unknown): number }>('o').run(FAULTY),
  batchSet: (manager) => manager.atomic().set(manager.dict('d'), 'a', FAULTY).commit(),
  batchCheck: (manager) => manager.atomic().check(manager.dict('d'), 'a', FAULTY).commit(),
  fork: (manager) => manager.fork<typeof import('./programs/call-site.js')>(PROGRAM, FAULTY as unknown as string).result,
  thread: (manager) => manager.thread<typeof import('./programs/call-site.js')>(PROGRAM, FAULTY as unknown as string).result,
  schedule: (manager) => manager.schedule('s', { every: 1000 }, manager.queue('q'), FAULTY),
  arenaSet: (_, arena) => arena.dict('d').set('a', FAULTY),
  arenaPush: (_, arena) => arena.list('l').push(1, FAULTY),
  syncSet: (_, arena) => arena.dict('d').sync.set('a', FAULTY),
  syncSetKey: (_, arena) => arena.dict('d').sync.set(NO_KEY, 1),
  syncSetMany: (_, arena) => arena.dict('d').sync.setMany({ a: FAULTY }),
  syncUpdate: (_, arena) => arena.dict('d').sync.update('a', () => FAULTY),
  syncPush: (_, arena) => arena.list('l').sync.push(1, FAULTY),
  syncPut: (_, arena) => arena.queue('q').sync.tryPut(FAULTY),
  syncValue: (_, arena) => arena.value<unknown>('v', 1).sync.set(FAULTY),
};

describe('the error of an awaited call', () => {
  let manager: Manager;
  let production: Manager;
  let arena: Arena;
  beforeAll(async () => {
    manager = await Manager.start();
    production = await Manager.connect(manager.address, { callSites: false });
    arena = Arena.create();
  });
  afterAll(async () => {
    await Promise.all([production.close(), arena.close()]);
    await manager.close();
  });

  it.each(Object.keys(CALLS))('names its caller: %s', async (name) => {
    const error = await errorOf(() => CALLS[name]!(manager));
    expect(error.stack).toContain(name);
    expect(error.stack).toContain('call-site.test');
    expect(error.stack!.startsWith(`${error.name}: ${error.message}\n`)).toBe(true);
  });

  it.each(Object.keys(CALLS))('names the function that awaits it, without call sites: %s', async (name) => {
    const error = await errorOf(() => CALLS[name]!(production));
    expect(error.stack).toContain(name);
    expect(error.stack).toContain('call-site.test');
  });

  it.each(Object.keys(REFUSED))('names the caller within ten frames where an argument cannot be sent: %s', async (name) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 10;
    try {
      async function passesIt(): Promise<void> {
        await REFUSED[name]!(manager, arena);
      }
      const error = await errorOf(passesIt);
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.stack).toContain('call-site.test');
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  it('names the caller of a call that is not awaited yet', async () => {
    const forgotten = (): Promise<void> => manager.list('list').set(5, 'far');
    const promise = forgotten();
    const error = (await promise.catch((reason: unknown) => reason)) as ManagerError;
    expect(error.stack).toContain('forgotten');
  });

  it('names the caller of each call of a batch, and after the first ones the function that awaits them', async () => {
    async function many(): Promise<void> {
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => (index === 199 ? manager.list('list').set(5, 'far') : manager.dict('d').get(1))),
      );
    }
    expect((await errorOf(many)).stack).toContain('many');
  });

  it('names the caller in shared memory', async () => {
    async function inAnArena(): Promise<void> {
      await arena.queue('q').get({ timeout: 1 });
    }
    async function atHome(): Promise<void> {
      await manager.queue('q at home', { home: 'process' }).get({ timeout: 1 });
    }
    expect((await errorOf(inAnArena)).stack).toContain('inAnArena');
    expect((await errorOf(atHome)).stack).toContain('atHome');
  });

  it('names the callers of calls after the close, each with an error of its own', async () => {
    const closed = await Manager.connect(manager.address);
    await closed.close();
    async function first(): Promise<void> {
      await closed.stats();
    }
    async function second(): Promise<void> {
      await closed.stats();
    }
    expect((await errorOf(first)).stack).toContain('first');
    expect((await errorOf(second)).stack).toContain('second');
  });

  it('names the user of a hold that was lost', async () => {
    const held = await manager.lock('short').acquire({ lease: 1 });
    if (!held.signal.aborted) await once(held.signal, 'abort');
    async function late(): Promise<void> {
      await held.release();
    }
    expect((await errorOf(late)).stack).toContain('late');
  });

  it('names the function that started or connected to a manager', async () => {
    using directory = new Temporary();
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: 'secret' });
    async function connects(): Promise<void> {
      await Manager.connect(`unix:${directory.join('nobody.sock')}`);
    }
    async function isRefused(): Promise<void> {
      await Manager.connect(daemon.address, { token: 'wrong' });
    }
    async function starts(): Promise<void> {
      await Manager.start({ register: directory.join('missing.js') });
    }
    async function embeds(): Promise<void> {
      await Manager.embed({ register: directory.join('missing.js') });
    }
    for (const act of [connects, isRefused, starts, embeds]) expect((await errorOf(act)).stack).toContain(act.name);
  });

  it('names the function that joined a worker in vain', async () => {
    const worker = manager.thread<typeof import('./programs/call-site.js')>(PROGRAM, 'sleep');
    async function joins(): Promise<void> {
      await worker.join({ timeout: 1 });
    }
    expect((await errorOf(joins)).stack).toContain('joins');
    await worker.kill();
  });

  it('names the callers of calls that the end of the manager left unanswered', async () => {
    const daemon = await Daemon.serve();
    const lost = await Manager.connect(daemon.address, { reconnect: false });
    async function unanswered(): Promise<void> {
      await lost.queue('q').get();
    }
    const failing = errorOf(unanswered);
    await lost.dict('d').get('behind it');
    await daemon.program.kill();
    expect((await failing).stack).toContain('unanswered');
    async function another(): Promise<void> {
      await lost.stats();
    }
    const [one, two] = await Promise.all([errorOf(another), errorOf(another)]);
    expect(one).toBeInstanceOf(ManagerUnavailableError);
    expect(one.stack).toContain('another');
    expect(two).not.toBe(one);
    await lost.close();
  });
});

describe('a program that forgets to await', () => {
  it('is told the line, by default; in production by the option callSites', async () => {
    const [development, production, chosen] = await Promise.all([
      Program.node(PROGRAM, [], { NODE_ENV: '' }).exited,
      Program.node(PROGRAM, [], { NODE_ENV: 'production' }).exited,
      Program.node(PROGRAM, ['chosen'], { NODE_ENV: 'production' }).exited,
    ]);
    expect(development.stderr).toContain('at forgets');
    expect(production.stderr).not.toContain('at forgets');
    expect(chosen.stderr).toContain('at forgets');
  });
});
