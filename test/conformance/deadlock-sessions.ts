import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { Held, Manager, ManagerWarning } from '../../client/index.js';
import { fresh, queued, range, suite, watch, type Watched } from './support.js';
import type { Target } from './target.js';

/** Collects the warnings of a client. */
class Warnings {
  readonly all: ManagerWarning[] = [];
  #told: () => void = () => {};

  constructor(readonly manager: Manager) {
    manager.on('warning', this.#hear);
  }

  readonly #hear = (warning: ManagerWarning): void => {
    this.all.push(warning);
    this.#told();
  };

  /** The first warning about this object, which may have come already. */
  async of(name: string): Promise<ManagerWarning> {
    for (;;) {
      const found = this.all.find(({ cycle }) => cycle.some(({ object }) => object === name));
      if (found) return found;
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  /** The objects of all warnings. */
  get objects(): string[] {
    return this.all.flatMap(({ cycle }) => cycle.map(({ object }) => object));
  }

  end(): void {
    this.manager.off('warning', this.#hear);
  }
}

/** Has each client hold a lock and wait for that of the next client, by an acquisition without an owner. */
async function ring(managers: readonly Manager[]): Promise<{ names: string[]; end: () => Promise<void> }> {
  const names = managers.map(() => fresh('lock'));
  const held = await Promise.all(managers.map((manager, index) => manager.lock(names[index]).acquire()));
  const waiting: Watched<Held>[] = [];
  for (const [index, manager] of managers.entries()) {
    waiting.push(await queued(manager, manager.lock(names[(index + 1) % names.length]).acquire()));
  }
  const end = async (): Promise<void> => {
    await Promise.all(held.map((lock) => lock.release()));
    for (const { promise } of waiting) await (await promise).release();
  };
  return { names, end };
}

/** Sessions that wait for each other although no owners do. */
export function deadlockSessionsSuite(target: Target): void {
  suite(target, 'deadlock: sessions', (clients) => {
    let warnings: Warnings[] = [];
    const listen = (...managers: Manager[]): Warnings[] => {
      for (const heard of warnings) heard.end();
      return (warnings = managers.map((manager) => new Warnings(manager)));
    };

    it('are warned, all of the same cycle, and no call fails', async () => {
      const [one, two] = listen(clients.one, clients.two);
      const { names, end } = await ring([clients.one, clients.two]);
      const [mine, theirs] = await Promise.all([one!.of(names[0]!), two!.of(names[0]!)]);
      expect(mine).toEqual(theirs);
      expect(mine.type).toBe('suspected-deadlock');
      expect(mine.cycle).toHaveLength(2);
      expect(mine.cycle).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ object: names[1], sessionId: clients.one.sessionId, pid: process.pid, owner: '' }),
          expect.objectContaining({ object: names[0], sessionId: clients.two.sessionId, pid: process.pid, owner: '' }),
        ]),
      );
      await end();
    });

    it('are warned once while the cycle stands, though others join, and again when it forms again', async () => {
      const [one] = listen(clients.one);
      const first = await ring([clients.one, clients.two]);
      await one!.of(first.names[0]!);
      const joining = await queued(clients.one, clients.one.lock(first.names[1]).acquire());
      const second = await ring([clients.one, clients.two]);
      await one!.of(second.names[0]!);
      expect(one!.objects.filter((object) => object === first.names[0])).toHaveLength(1);
      await first.end();
      await (await joining.promise).release();
      const third = await ring([clients.one, clients.two]);
      await one!.of(third.names[0]!);
      expect(one!.objects.toSorted()).toEqual([first, second, third].flatMap(({ names }) => names).sort());
      await second.end();
      await third.end();
    });

    it('are warned in cycles of three; a session that only waits for one of them is not, nor one outside', async () => {
      const outside = (await clients.more()).manager;
      const third = (await clients.more()).manager;
      const heard = listen(clients.one, clients.two, third, outside);
      const { names, end } = await ring([clients.one, clients.two, third]);
      const waiting = await queued(outside, outside.lock(names[0]).acquire());
      for (const warned of heard.slice(0, 3)) expect((await warned.of(names[0]!)).cycle).toHaveLength(3);
      // A warning to the session outside would come before this one.
      const control = await ring([clients.one, outside]);
      // Named by its second lock: the session outside already waits for a lock of the other, which may close the cycle too.
      await heard[3]!.of(control.names[1]!);
      expect(heard[3]!.all).toHaveLength(1);
      await control.end();
      await end();
      await (await waiting.promise).release();
    });

    it('are warned of a cycle through sessions that were warned before', async () => {
      const third = (await clients.more()).manager;
      const [heard] = listen(third);
      const [one, two] = [clients.one, clients.two];
      const told = new Warnings(one);
      const { names, end } = await ring([one, two]);
      await told.of(names[0]!);
      told.end();
      const [a, b] = [fresh('lock'), fresh('lock')];
      const held = [await third.lock(a).acquire(), await one.lock(b).acquire()];
      const waiting = [await queued(two, two.lock(a).acquire()), await queued(third, third.lock(b).acquire())];
      const { cycle } = await heard!.of(a);
      expect(cycle.map(({ object }) => object).sort()).toEqual([a, b, names[1]!].sort());
      await Promise.all(held.map((lock) => lock.release()));
      for (const { promise } of waiting) await (await promise).release();
      await end();
    });

    it('a session that waits for a lock it holds itself, under no owner, is warned of it; others are not', async () => {
      const [one, two] = listen(clients.one, clients.two);
      const lock = clients.one.lock(fresh('lock'));
      const held = await lock.acquire();
      const waiting = [
        await queued(
          clients.one,
          lock.run(() => 'done'),
        ),
        await queued(clients.one, lock.acquire()),
      ];
      const { type, cycle } = await one!.of(lock.name);
      expect(type).toBe('suspected-deadlock');
      expect(cycle).toEqual([expect.objectContaining({ object: lock.name, sessionId: clients.one.sessionId, pid: process.pid })]);
      // A warning to the other session, or a second one to this, would come before this one.
      const control = await ring([clients.one, clients.two]);
      await Promise.all([one!.of(control.names[0]!), two!.of(control.names[0]!)]);
      expect(one!.objects.filter((object) => object === lock.name)).toHaveLength(1);
      expect(two!.objects).not.toContain(lock.name);
      await control.end();
      await held.release();
      expect(await waiting[0]!.promise).toBe('done');
      await ((await waiting[1]!.promise) as Held).release();
    });

    it('a session that waits for permits, where one hold of its own has all that would come back, is warned of it', async () => {
      const [one, two] = listen(clients.one, clients.two);
      const semaphore = (permits: number) => clients.one.semaphore(fresh('semaphore'), permits);
      const [alone, part, crossed] = [semaphore(2), semaphore(3), clients.two.semaphore(fresh('semaphore'), 1)];
      // Permits that other holds, or other clients, would bring back.
      const [several, used, signal] = [semaphore(2), semaphore(2), semaphore(0)];
      await used.consume();
      await signal.release();
      const held = [
        await alone.acquire({ permits: 2 }),
        await part.acquire(),
        await several.acquire(),
        await several.acquire(),
        await used.acquire(),
      ];
      held.push(await signal.acquire());
      const lock = clients.one.lock(fresh('lock'));
      held.push(await lock.acquire(), await crossed.acquire());
      const waiting = [
        await queued(clients.one, alone.acquire()),
        await queued(clients.one, part.acquire({ permits: 3 })),
        await queued(clients.one, several.acquire()),
        await queued(clients.one, used.acquire()),
        await queued(clients.one, signal.acquire()),
        await queued(clients.one, clients.one.semaphore(crossed.name, 1).acquire()),
        await queued(clients.two, clients.two.lock(lock.name).acquire()),
      ];
      expect((await one!.of(alone.name)).cycle).toEqual([
        expect.objectContaining({ object: alone.name, sessionId: clients.one.sessionId }),
      ]);
      expect((await one!.of(part.name)).cycle).toHaveLength(1);
      expect((await two!.of(crossed.name)).cycle.map(({ object }) => object).sort()).toEqual([crossed.name, lock.name].sort());
      await one!.of(crossed.name);
      expect(one!.objects.toSorted()).toEqual([alone.name, part.name, crossed.name, lock.name].sort());
      await Promise.all([...held.map((hold) => hold.release()), used.release(), signal.release()]);
      for (const { promise } of waiting) await (await promise).release();
    });

    it('are not warned of runs of one client that wait for each other, waits with a timeout, or locks that change hands', async () => {
      const [one, two] = listen(clients.one, clients.two);
      const [a, b] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const [heldA, heldB] = [await a.acquire({ owner: clients.one.owner() }), await b.acquire()];
      const crossed = [watch(a.acquire()), watch(b.acquire({ timeout: 60_000 }))];
      const busy = [fresh('busy'), fresh('busy')] as const;
      let over = false;
      const use = async (manager: Manager, name: string): Promise<void> => {
        while (!over) await manager.lock(name).run(() => turn());
      };
      const using = range(0, 3).flatMap(() => [clients.one, clients.two].flatMap((manager) => busy.map((name) => use(manager, name))));
      const { names, end } = await ring([clients.one, clients.two]);
      await Promise.all([one!.of(names[0]!), two!.of(names[0]!)]);
      over = true;
      await Promise.all(using);
      expect(one!.objects.toSorted()).toEqual([...names].sort());
      expect(two!.objects.toSorted()).toEqual([...names].sort());
      await Promise.all([heldA.release(), heldB.release()]);
      for (const { promise } of crossed) await (await promise).release();
      await end();
    });
  });
}
