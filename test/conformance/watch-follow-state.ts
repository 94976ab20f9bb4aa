import { expect, it } from '@jest/globals';
import { InvalidArgumentError, TimeoutError, type Event, type Manager, type StateWatchOptions } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { one } from './watching.js';

/** An object with a state, as one client sees it. */
interface Subject {
  readonly object: Pick<Event, 'name' | 'destroy' | 'exists' | 'expire'> & { create(): Promise<unknown> };
  watch(options?: StateWatchOptions): AsyncIterableIterator<unknown, undefined>;
  /** Gives an object that was just made, or that has state 0, another state. */
  change(): Promise<unknown>;
}

interface Kind {
  readonly open: (manager: Manager, name: string | undefined) => Subject;
  /** The state of an object that was just made, and the one after a change. */
  readonly states: readonly [unknown, unknown];
  /** True if a state that equals the one before is told too. */
  readonly repeats: boolean;
}

const KINDS: Record<string, Kind> = {
  value: {
    open(manager, name) {
      const object = manager.value<number>(name, 0);
      return { object, watch: (options) => object.watch(options), change: () => object.set(1) };
    },
    states: [0, 1],
    repeats: true,
  },
  event: {
    open(manager, name) {
      const object = manager.event(name);
      return { object, watch: (options) => object.watch(options), change: () => object.set() };
    },
    states: [false, true],
    repeats: false,
  },
  queue: {
    open(manager, name) {
      const object = manager.queue<string>(name);
      return { object, watch: (options) => object.watch(options), change: () => object.put('item') };
    },
    states: [0, 1],
    repeats: false,
  },
};

/** Takes states until one that is wanted. A state of a short time between may be told or not. */
async function reaches(told: AsyncIterator<unknown>, state: unknown): Promise<void> {
  while ((await one(told)) !== state);
}

/** Watches of states that follow a name from one object to the next. */
export function watchFollowStateSuite(target: Target): void {
  for (const [kind, { open, states, repeats }] of Object.entries(KINDS)) {
    suite(target, `${kind}: watch of a name`, (clients) => {
      const [initial, changed] = states;

      /** The same object as two clients see it, and a watch by the first that was told the initial state. */
      async function followed(options: StateWatchOptions = {}): Promise<[there: Subject, told: AsyncIterableIterator<unknown, undefined>]> {
        const name = fresh(kind);
        const told = open(clients.one, name).watch({ follow: true, ...options });
        expect(await one(told)).toBe(initial);
        return [open(clients.two, name), told];
      }

      it('goes on with the next one, while it waits', async () => {
        const [there, told] = await followed();
        await there.change();
        expect(await one(told)).toBe(changed);
        const next = await queued(clients.one, told.next());
        await there.object.destroy();
        await expectWaiting(next, clients.one, clients.two);
        await there.object.create();
        expect(await next.promise).toEqual({ done: false, value: initial });
        await there.change();
        expect(await one(told)).toBe(changed);
        await told.return!();
      });

      it('is told the latest state of the latest one, if it comes late', async () => {
        const [there, told] = await followed();
        for (const _ of range(0, 3)) {
          await there.change();
          await there.object.destroy();
        }
        await there.change();
        await reaches(told, changed);
        await there.object.destroy();
        await there.object.create();
        expect(await one(told)).toBe(initial);
        await told.return!();
      });

      it('makes none, however long it waits', async () => {
        const [there, told] = await followed();
        await there.object.destroy();
        const next = await queued(clients.one, reaches(told, changed));
        await expectWaiting(next, clients.one, clients.two);
        expect(await there.object.exists()).toBe(false);
        await there.change();
        await next.promise;
        await told.return!();
      });

      it(`is told the state of the next one ${repeats ? 'also' : 'not'} if it is the same`, async () => {
        const [there, told] = await followed();
        const next = await queued(clients.one, told.next());
        await there.object.destroy();
        await there.object.create();
        if (repeats) expect(await next.promise).toEqual({ done: false, value: initial });
        else await expectWaiting(next, clients.one, clients.two);
        await told.return!();
      });

      it('goes on after a time to live that ended', async () => {
        const [there, told] = await followed();
        const next = await queued(clients.one, reaches(told, changed));
        await there.object.expire(20);
        while (await there.object.exists());
        await expectWaiting(next, clients.one, clients.two);
        await there.object.create();
        await there.change();
        await next.promise;
        await told.return!();
      });

      it('outlives the watches of the same object that do not follow it', async () => {
        const [there, told] = await followed();
        const here = open(clients.one, there.object.name);
        const [plain, other] = [here.watch(), here.watch({ follow: true })];
        await Promise.all([one(plain), one(other)]);
        const [ended, ...next] = [plain.next(), reaches(told, changed), reaches(other, changed)];
        await roundTrip(clients.one);
        await there.object.destroy();
        expect(await ended).toEqual({ done: true, value: undefined });
        await there.change();
        await Promise.all(next);
        await Promise.all([told.return!(), other.return!()]);
      });

      it('waits while its name belongs to another kind', async () => {
        const [there, told] = await followed();
        const { name } = there.object;
        await there.object.destroy();
        await clients.two.list<number>(name).push(1);
        const next = await queued(clients.one, reaches(told, changed));
        await expectWaiting(next, clients.one, clients.two);
        await clients.two.list(name).destroy();
        await there.change();
        await next.promise;
        await told.return!();
      });

      it('has the options of every watch: timeout, signal, return', async () => {
        const [there, late] = await followed({ timeout: 30 });
        const controller = new AbortController();
        const stopped = open(clients.one, there.object.name).watch({ follow: true, signal: controller.signal });
        const left = open(clients.one, there.object.name).watch({ follow: true });
        await Promise.all([one(stopped), one(left)]);
        await there.object.destroy();
        await expect(one(late)).rejects.toBeInstanceOf(TimeoutError);
        const aborted = await queued(clients.one, stopped.next());
        controller.abort(new Error('enough'));
        await expect(aborted.promise).rejects.toThrow('enough');
        const next = await queued(clients.one, left.next());
        await left.return!();
        expect(await next.promise).toEqual({ done: true, value: undefined });
        expect(await there.object.exists()).toBe(false);
      });

      it('counts in the statistics while it waits for the next one, and ends with its session', async () => {
        const { manager, close } = await clients.more();
        const here = open(manager, fresh(kind));
        const told = here.watch({ follow: true });
        await one(told);
        await here.object.destroy();
        const before = await clients.two.stats();
        const next = await queued(manager, told.next());
        expect(await clients.two.stats()).toMatchObject({ waiters: before.waiters + 1, watches: before.watches + 1 });
        await close();
        await expect(next.promise).rejects.toThrow();
        expect(await clients.two.stats()).toMatchObject({ waiters: before.waiters, watches: before.watches });
      });

      it('refuses one without a name', () => {
        expect(() => open(clients.one, undefined).watch({ follow: true })).toThrow(InvalidArgumentError);
      });
    });
  }

  suite(target, 'value: watch of a name', (clients) => {
    it('does not see a value that a batch made and undid', async () => {
      const here = clients.one.value(fresh('value'), 0);
      const there = clients.two.value(here.name, 5);
      const told = here.watch({ follow: true });
      await one(told);
      await there.destroy();
      const next = await queued(clients.one, told.next());
      for (const _ of range(0, 3)) expect(await clients.two.atomic().check(there, 1).set(there, 2).commit()).toEqual({ ok: false });
      await expectWaiting(next, clients.one, clients.two);
      await there.create();
      expect((await next.promise).value).toBe(5);
      await told.return!();
    });
  });
}
