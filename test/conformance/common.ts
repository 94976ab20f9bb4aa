import { expect, it } from '@jest/globals';
import { AlreadyExistsError, KindMismatchError, NotFoundError, OptionsConflictError, type Manager } from '../../client/index.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { fresh, queued, suite } from './support.js';
import type { Target } from './target.js';
import type { Account } from './types/registered.js';

/** Methods that proxies of every kind have. */
interface SharedObject extends AsyncDisposable {
  readonly name: string;
  exists(): Promise<boolean>;
  create(): Promise<unknown>;
  destroy(): Promise<boolean>;
}

/** For each kind: its factory, and an operation that does not wait. */
const KINDS: Record<Kind, (manager: Manager, name?: string) => { object: SharedObject; touch: () => Promise<unknown> }> = {
  dict(manager, name) {
    const object = manager.dict<string, number>(name);
    return { object, touch: () => object.size() };
  },
  list(manager, name) {
    const object = manager.list<number>(name);
    return { object, touch: () => object.length() };
  },
  set(manager, name) {
    const object = manager.set<number>(name);
    return { object, touch: () => object.size() };
  },
  array(manager, name) {
    const object = manager.array(name, 'i32', 4);
    return { object, touch: () => object.length() };
  },
  queue(manager, name) {
    const object = manager.queue<number>(name);
    return { object, touch: () => object.size() };
  },
  value(manager, name) {
    const object = manager.value<number>(name, 0);
    return { object, touch: () => object.get() };
  },
  lock(manager, name) {
    const object = manager.lock(name);
    return { object, touch: () => object.locked() };
  },
  namespace(manager, name) {
    const object = manager.namespace<{ property: number }>(name);
    return { object, touch: () => object.has('property') };
  },
  pipe(manager, name) {
    const [object] = manager.pipe<number>(name);
    return { object, touch: () => object.poll({ timeout: 0 }) };
  },
  rlock(manager, name) {
    const object = manager.rlock(name);
    return { object, touch: () => object.locked() };
  },
  rwlock(manager, name) {
    const object = manager.rwlock(name);
    return { object, touch: () => object.locked() };
  },
  condition(manager, name) {
    const object = manager.condition(name);
    return { object, touch: () => object.locked() };
  },
  semaphore(manager, name) {
    const object = manager.semaphore(name, 2);
    return { object, touch: () => object.available() };
  },
  event(manager, name) {
    const object = manager.event(name);
    return { object, touch: () => object.isSet() };
  },
  barrier(manager, name) {
    const object = manager.barrier(name, 2);
    return { object, touch: () => object.waiting() };
  },
  object(manager, name) {
    const object = manager.object<Account>('Account', name);
    return { object, touch: () => object.balance() };
  },
};

/** Behaviour of objects of every kind: their names, their creation and their end. */
export function commonSuite(target: Target): void {
  const kinds = Object.entries(KINDS).filter(([kind]) => target.lacks?.has(kind) !== true);
  for (const [kind, make] of kinds) {
    suite(target, `${kind}: object`, (clients) => {
      it('is made by its first operation, not by its proxy', async () => {
        const { object, touch } = make(clients.one, fresh(kind));
        expect(await object.exists()).toBe(false);
        await touch();
        expect(await object.exists()).toBe(true);
      });

      it('create() makes it and returns the proxy', async () => {
        const { object } = make(clients.one, fresh(kind));
        expect(await object.create()).toBe(object);
        expect(await object.exists()).toBe(true);
      });

      it('create() refuses a name that is taken (Python: test_shared_memory_basics, FileExistsError)', async () => {
        const name = fresh(kind);
        await make(clients.one, name).touch();
        await expect(make(clients.two, name).object.create()).rejects.toBeInstanceOf(AlreadyExistsError);
      });

      it('one of two clients that create() at the same time gets it', async () => {
        const name = fresh(kind);
        const outcomes = await Promise.allSettled([make(clients.one, name).object.create(), make(clients.two, name).object.create()]);
        expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
      });

      it('destroy() returns true if it existed (Python: test_shared_memory_basics, unlink twice)', async () => {
        const { object, touch } = make(clients.one, fresh(kind));
        expect(await object.destroy()).toBe(false);
        await touch();
        expect(await object.destroy()).toBe(true);
        expect(await object.destroy()).toBe(false);
        expect(await object.exists()).toBe(false);
      });

      it('is one object to two clients that use its name', async () => {
        const name = fresh(kind);
        await make(clients.one, name).touch();
        const there = make(clients.two, name).object;
        expect(await there.exists()).toBe(true);
        await there.destroy();
        expect(await make(clients.one, name).object.exists()).toBe(false);
      });

      it('refuses to be used as another kind', async () => {
        const name = fresh(kind);
        await make(clients.one, name).touch();
        for (const [other, makeOther] of kinds) {
          if (other === kind) continue;
          await expect(makeOther(clients.two, name).touch()).rejects.toBeInstanceOf(KindMismatchError);
        }
      });

      it('refuses to be found or destroyed as another kind', async () => {
        const name = fresh(kind);
        const { object, touch } = make(clients.one, name);
        await touch();
        for (const [other, makeOther] of kinds) {
          if (other === kind) continue;
          await expect(makeOther(clients.two, name).object.exists()).rejects.toBeInstanceOf(KindMismatchError);
          await expect(makeOther(clients.two, name).object.destroy()).rejects.toBeInstanceOf(KindMismatchError);
        }
        expect(await object.exists()).toBe(true);
      });

      it('frees its name for another kind when it is destroyed', async () => {
        const name = fresh(kind);
        const { object, touch } = make(clients.one, name);
        await touch();
        await object.destroy();
        const other = make === KINDS.dict ? clients.two.list<number>(name) : clients.two.dict<string, number>(name);
        await other.clear();
        await expect(touch()).rejects.toBeInstanceOf(KindMismatchError);
      });

      it('gets a name of its own if none is given', async () => {
        const made = [make(clients.one), make(clients.one), make(clients.two)];
        const names = made.map(({ object }) => object.name);
        expect(new Set(names).size).toBe(3);
        expect(names).not.toContain('');
      });

      it('works without a given name', async () => {
        const { object, touch } = make(clients.one);
        await touch();
        expect(await object.exists()).toBe(true);
        expect(await make(clients.two, object.name).object.exists()).toBe(true);
      });

      it('knows its kind and name', () => {
        const name = fresh(kind);
        expect(make(clients.one, name).object).toMatchObject({ kind, name });
      });

      it('takes any text as a name (Python: test_shared_memory_name_with_embedded_null is a ValueError)', async () => {
        for (const odd of ['with space', 'ünïcödé 😀', 'a/b:c*d', '__proto__', '{brace}', 'nul\0byte']) {
          const name = `${fresh(kind)} ${odd}`;
          const { object, touch } = make(clients.one, name);
          await touch();
          expect(object.name).toBe(name);
          expect(await make(clients.two, name).object.exists()).toBe(true);
        }
      });

      it('becomes kind, name and address as JSON, and no secret', () => {
        const name = fresh(kind);
        const json: unknown = JSON.parse(JSON.stringify(make(clients.one, name).object));
        // The proxy of a pipe is one of its ends.
        expect(json).toEqual({ kind, name, address: clients.one.address, ...(kind === 'pipe' ? { end: 0 } : {}) });
      });

      it('stays when the proxy of a named object is disposed', async () => {
        const { object, touch } = make(clients.one, fresh(kind));
        await touch();
        await object[Symbol.asyncDispose]();
        expect(await object.exists()).toBe(true);
      });
    });
  }

  suite(target, 'queue: destroy', (clients) => {
    it('wakes consumers, producers and join() with NotFoundError', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 1 });
      const empty = clients.one.queue<number>(fresh('queue'));
      await queue.put(1);
      const calls = await Promise.all([
        queued(clients.one, queue.put(2)),
        queued(clients.one, queue.putMany([3, 4])),
        queued(clients.one, queue.join()),
        queued(clients.one, empty.get()),
        queued(clients.one, empty.getMany(2)),
      ]);
      expect(await clients.two.queue<number>(queue.name).destroy()).toBe(true);
      expect(await clients.two.queue<number>(empty.name).destroy()).toBe(true);
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    });

    it('leaves the name to a new and empty queue', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.putMany([1, 2]);
      await queue.shutdown();
      await queue.destroy();
      await queue.put(3);
      expect(await queue.peek(9)).toEqual([3]);
    });
  });

  suite(target, 'value: destroy', (clients) => {
    it('wakes waiting acquisitions and writes with NotFoundError', async () => {
      const value = clients.one.value<number>(fresh('value'), 0);
      await value.lock();
      const calls = await Promise.all([
        queued(clients.one, value.lock()),
        queued(clients.one, value.set(1)),
        queued(clients.one, value.add(1)),
        queued(clients.one, value.compareAndSet(0, 1)),
      ]);
      await clients.two.value<number>(value.name, 0).destroy();
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    });
  });

  suite(target, 'queue: options', (clients) => {
    it('refuses another capacity than the queue has', async () => {
      const name = fresh('queue');
      await clients.one.queue<number>(name, { capacity: 2 }).put(1);
      for (const capacity of [0, 1, 3]) {
        await expect(clients.two.queue<number>(name, { capacity }).put(2)).rejects.toBeInstanceOf(OptionsConflictError);
      }
      expect(await clients.one.queue<number>(name).size()).toBe(1);
    });

    it('refuses a capacity for a queue that was made without one', async () => {
      const name = fresh('queue');
      await clients.one.queue<number>(name).put(1);
      await expect(clients.two.queue<number>(name, { capacity: 2 }).size()).rejects.toBeInstanceOf(OptionsConflictError);
    });

    it('takes the same capacity, and an omitted one, for no conflict', async () => {
      const name = fresh('queue');
      await clients.one.queue<number>(name, { capacity: 2 }).put(1);
      await clients.two.queue<number>(name, { capacity: 2 }).put(2);
      expect(await clients.two.queue<number>(name).tryPut(3)).toBe(false);
    });
  });

  suite(target, 'value: options', (clients) => {
    it('refuses another type than the value has', async () => {
      const name = fresh('value');
      await clients.one.value<number>(name, 0, { type: 'i32' }).set(1);
      await expect(clients.two.value<number>(name, 0, { type: 'u32' }).get()).rejects.toBeInstanceOf(OptionsConflictError);
    });

    it('refuses a type for a value that was made without one', async () => {
      const name = fresh('value');
      await clients.one.value<number>(name, 0).set(1);
      await expect(clients.two.value<number>(name, 0, { type: 'i32' }).get()).rejects.toBeInstanceOf(OptionsConflictError);
    });

    it('takes the same type, an omitted one, and another initial value for no conflict', async () => {
      const name = fresh('value');
      await clients.one.value<number>(name, 7, { type: 'i32' }).create();
      expect(await clients.two.value<number>(name, 8, { type: 'i32' }).get()).toBe(7);
      expect(await clients.two.value<number>(name, 9).get()).toBe(7);
    });
  });
}
