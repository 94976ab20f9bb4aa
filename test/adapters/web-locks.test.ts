import { beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { LockLostError, Manager, UnimplementedError } from 'commonhold';
import { LockManager, type WebLock, type WebLockMode } from 'commonhold/web-locks';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { until } from '../support/until.js';
import { Managers } from './support.js';

// The cases of the web platform's tests of locks that are about workers and not about pages.

const managers = new Managers();
let name: string;
let locks: LockManager;
let others: LockManager;
beforeEach(() => {
  name = fresh('lock');
  locks = new LockManager(managers.one);
  others = new LockManager(managers.two);
});

/** A request that holds its lock until `end` is called. */
class Holding {
  readonly granted: Promise<WebLock>;
  readonly over: Promise<string>;
  holds = false;
  end!: () => void;

  constructor(by: LockManager, mode: WebLockMode = 'exclusive', signal?: AbortSignal) {
    let grant!: (lock: WebLock) => void;
    this.granted = new Promise((resolve) => (grant = resolve));
    const ended = new Promise<void>((resolve) => (this.end = resolve));
    this.over = by.request(name, { mode, signal }, async (lock) => {
      this.holds = true;
      grant(lock!);
      await ended;
      this.holds = false;
      return mode;
    });
  }
}

/** Waits until that number of requests waits for the lock. */
async function waiting(count: number): Promise<void> {
  await until(
    `${count} requests wait`,
    async () => (await locks.query()).pending.filter((request) => request.name === name).length === count,
  );
}

async function modesOf(part: 'held' | 'pending'): Promise<WebLockMode[]> {
  return (await locks.query())[part].filter((lock) => lock.name === name).map(({ mode }) => mode);
}

describe('request', () => {
  it('gives the lock to the callback, and its result to the caller', async () => {
    expect(await locks.request(name, (lock) => `${lock.name} ${lock.mode}`)).toBe(`${name} exclusive`);
    expect(await locks.request(name, { mode: 'shared' }, async (lock) => lock!.mode)).toBe('shared');
    expect(await locks.request(name, {}, (lock) => lock!.mode)).toBe('exclusive');
    expect(await modesOf('held')).toEqual([]);
  });

  it('rejects with the error of the callback, and frees the lock', async () => {
    const error = new Error('thrown');
    await expect(
      locks.request(name, () => {
        throw error;
      }),
    ).rejects.toBe(error);
    await expect(locks.request(name, () => Promise.reject(error))).rejects.toBe(error);
    expect(await locks.request(name, { ifAvailable: true }, (lock) => lock?.mode)).toBe('exclusive');
  });

  it('calls the callback after it has returned', async () => {
    let called = false;
    const requested = locks.request(name, () => void (called = true));
    expect(called).toBe(false);
    await requested;
    expect(called).toBe(true);
  });

  it('takes any text as a name', async () => {
    for (const odd of ['', ' ', 'a\u0300', 'a:b', '💩', 'web-locks:']) expect(await locks.request(odd, (lock) => lock.name)).toBe(odd);
  });

  it('refuses requests that browsers refuse', async () => {
    const rejected = (request: Promise<unknown>): Promise<string> => request.then(String, (error: unknown) => (error as Error).name);
    expect(await rejected(locks.request('-name', () => {}))).toBe('NotSupportedError');
    expect(await rejected(locks.request(name, { ifAvailable: true, signal: new AbortController().signal }, () => {}))).toBe(
      'NotSupportedError',
    );
    expect(await rejected(locks.request(name, undefined as never))).toBe('TypeError');
    expect(await rejected(locks.request(name, {}, 'callback' as never))).toBe('TypeError');
    expect(await rejected(locks.request(name, { mode: 'other' as never }, () => {}))).toBe('TypeError');
  });

  it('refuses to steal', async () => {
    await expect(locks.request(name, { steal: true }, () => {})).rejects.toThrow(UnimplementedError);
  });
});

describe('exclusive requests', () => {
  it('are served one after another, in their order, over all clients', async () => {
    const order: number[] = [];
    const first = new Holding(locks);
    await first.granted;
    const rest: Promise<unknown>[] = [];
    for (const [index, by] of [locks, others, locks, others].entries()) {
      rest.push(by.request(name, () => void order.push(index)));
      await waiting(index + 1);
    }
    expect(order).toEqual([]);
    first.end();
    await Promise.all(rest);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('do not hold up requests for other names', async () => {
    const holding = new Holding(locks);
    await holding.granted;
    expect(await locks.request(`${name}-other`, () => 'granted')).toBe('granted');
    holding.end();
    await holding.over;
  });

  it('never re-enter, also within a run of a lock', async () => {
    const lock = managers.one.lock(fresh('lock'));
    await lock.run(async () => {
      const inner = await locks.request(name, () => locks.request(name, { ifAvailable: true }, (again) => again));
      expect(inner).toBe(null);
    });
  });
});

describe('shared requests', () => {
  it('hold the lock together', async () => {
    const holdings = [new Holding(locks, 'shared'), new Holding(others, 'shared'), new Holding(locks, 'shared')];
    for (const { granted } of holdings) await granted;
    expect(await modesOf('held')).toEqual(['shared', 'shared', 'shared']);
    for (const holding of holdings) holding.end();
    expect(await Promise.all(holdings.map(({ over }) => over))).toEqual(['shared', 'shared', 'shared']);
  });

  it('do not overtake an exclusive one that waits, and follow it together', async () => {
    const reader = new Holding(locks, 'shared');
    await reader.granted;
    const writer = new Holding(others, 'exclusive');
    await waiting(1);
    const readers = [new Holding(locks, 'shared'), new Holding(others, 'shared')];
    await waiting(3);
    expect(await locks.request(name, { mode: 'shared', ifAvailable: true }, (lock) => lock)).toBe(null);
    reader.end();
    await writer.granted;
    expect(readers.map(({ holds }) => holds)).toEqual([false, false]);
    writer.end();
    await Promise.all(readers.map(({ granted }) => granted));
    for (const { end } of readers) end();
    await Promise.all([writer, ...readers].map(({ over }) => over));
  });
});

describe('ifAvailable', () => {
  it('gives null where the lock is held in a way that excludes the request', async () => {
    const tried = (mode: WebLockMode): Promise<string | undefined> =>
      others.request(name, { mode, ifAvailable: true }, (lock) => lock?.mode);
    expect(await tried('exclusive')).toBe('exclusive');
    const shared = new Holding(locks, 'shared');
    await shared.granted;
    expect([await tried('exclusive'), await tried('shared')]).toEqual([undefined, 'shared']);
    shared.end();
    await shared.over;
    const exclusive = new Holding(locks);
    await exclusive.granted;
    expect([await tried('exclusive'), await tried('shared')]).toEqual([undefined, undefined]);
    exclusive.end();
    await exclusive.over;
  });
});

describe('signal', () => {
  it('that has aborted rejects with its reason, and requests nothing', async () => {
    await expect(locks.request(name, { signal: AbortSignal.abort() }, () => 'granted')).rejects.toMatchObject({ name: 'AbortError' });
    await expect(locks.request(name, { signal: AbortSignal.abort('reason') }, () => 'granted')).rejects.toBe('reason');
    expect(await modesOf('held')).toEqual([]);
  });

  it('takes a request out of the queue, and lets the next one in', async () => {
    const reader = new Holding(locks, 'shared');
    await reader.granted;
    const controller = new AbortController();
    const writer = new Holding(locks, 'exclusive', controller.signal);
    await waiting(1);
    const next = new Holding(others, 'shared');
    await waiting(2);
    controller.abort(new Error('not needed'));
    await expect(writer.over).rejects.toThrow('not needed');
    await next.granted;
    for (const { end } of [reader, next]) end();
    await Promise.all([reader.over, next.over]);
  });

  it('that aborts while the lock is held changes nothing', async () => {
    const controller = new AbortController();
    const holding = new Holding(locks, 'exclusive', controller.signal);
    await holding.granted;
    controller.abort();
    expect(await modesOf('held')).toEqual(['exclusive']);
    holding.end();
    expect(await holding.over).toBe('exclusive');
  });
});

describe('query', () => {
  it('shows the locks that are held and the requests that wait, of all clients, with their modes', async () => {
    const held = new Holding(locks, 'shared');
    await held.granted;
    const writer = new Holding(others);
    await waiting(1);
    const reader = new Holding(locks, 'shared');
    await waiting(2);
    expect([await modesOf('held'), await modesOf('pending')]).toEqual([['shared'], ['exclusive', 'shared']]);
    const snapshot = await locks.query();
    const clients = [...snapshot.held, ...snapshot.pending].filter((lock) => lock.name === name).map(({ clientId }) => clientId);
    expect(clients[0]).toBe(clients[2]);
    expect(clients[0]).not.toBe(clients[1]);
    for (const { end } of [held, writer, reader]) end();
    await Promise.all([held, writer, reader].map(({ over }) => over));
    expect((await locks.query()).held.filter((lock) => lock.name === name)).toEqual([]);
  });

  it('shows no locks of other prefixes, nor other objects', async () => {
    await using _held = await managers.one.rwlock(name).write.acquire();
    await new LockManager(managers.one, { prefix: 'other:' }).request(name, async () => {
      expect(await modesOf('held')).toEqual([]);
      expect(await locks.request(name, () => 'granted')).toBe('granted');
    });
  });
});

describe('the end of a holder', () => {
  it('by its process frees the lock', async () => {
    const told = managers.one.queue<string>(fresh('queue'));
    const module = new URL('./web-lock-holder.js', import.meta.url);
    const holder = managers.one.fork<typeof import('./web-lock-holder.js')>(module, managers.one.address, name, told);
    expect(await told.get()).toBe('exclusive');
    const next = locks.request(name, () => 'granted');
    await waiting(1);
    await holder.kill();
    expect(await next).toBe('granted');
  });

  it('by its session aborts the signal of the lock, and rejects the request', async () => {
    await using daemon = await Daemon.serve();
    await using client = await Manager.connect(daemon.address);
    const holding = new Holding(new LockManager(client));
    const { signal } = await holding.granted;
    const lost = once(signal, 'abort');
    await daemon.program.kill('SIGKILL');
    await lost;
    expect(signal.reason).toBeInstanceOf(LockLostError);
    holding.end();
    await expect(holding.over).rejects.toThrow(LockLostError);
  });
});
