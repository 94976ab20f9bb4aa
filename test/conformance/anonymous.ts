import { expect, test as it } from '@jest/globals';
import { ClosedError, NotFoundError, type Manager, type SharedDict, type SharedList, type SharedQueue } from '../../client/index.js';
import { until } from '../support/until.js';
import { fresh, present, queued, range, roundTrip, suite, type Watched } from './support.js';
import type { Target } from './target.js';

// Objects without a name live while something refers to them: a session that created, used or received them, or an object that lives and
// contains a reference to them.

async function exists(manager: Manager, { kind, name }: { kind: string; name: string }): Promise<boolean> {
  for await (const object of manager.objects({ match: name })) if (object.kind === kind) return true;
  return false;
}

export function anonymousSuite(target: Target): void {
  suite(target, 'common: anonymous objects', (clients) => {
    const gone = (object: { kind: string; name: string }): Promise<void> =>
      until(`"${object.name}" is gone`, async () => !(await exists(clients.one, object)));

    it('one stays while the session that created it has not disposed it', async () => {
      const list = clients.one.list<number>();
      await list.push(1);
      await roundTrip(clients.one, clients.two);
      expect(await exists(clients.two, list)).toBe(true);
      await list[Symbol.asyncDispose]();
      expect(await exists(clients.two, list)).toBe(false);
    });

    it('one ends with the session that created it', async () => {
      const { manager, close } = await clients.more();
      const list = manager.list<number>();
      await list.push(1);
      expect(await exists(clients.one, list)).toBe(true);
      await close();
      await gone(list);
    });

    it('a disposed proxy is closed, and another one of the same object is not', async () => {
      const list = clients.one.list<number>();
      const same = clients.one.list<number>(list.name);
      await list.push(1);
      await list[Symbol.asyncDispose]();
      await expect(list.length()).rejects.toBeInstanceOf(ClosedError);
      await roundTrip(clients.one);
      expect(await same.length()).toBe(1);
      await same[Symbol.asyncDispose]();
      await gone(list);
    });

    it('disposing a proxy of a named object drops nothing', async () => {
      const list = clients.one.list<number>(fresh('list'));
      await list.push(1);
      await list[Symbol.asyncDispose]();
      expect(await list.length()).toBe(1);
    });

    it('one stays while a container refers to it, however its creator ends', async () => {
      const { manager, close } = await clients.more();
      const inner = manager.list<number>();
      await inner.push(1);
      const outer = manager.dict<string, SharedList<number>>(fresh('dict'));
      await outer.set('inner', inner);
      await close();
      const found = clients.one.dict<string, SharedList<number>>(outer.name);
      await roundTrip(clients.one);
      expect(await present(await found.get('inner')).toArray()).toEqual([1]);
    });

    it('one that was given away before its first use exists for the receiver', async () => {
      const { manager, close } = await clients.more();
      const outer = manager.list<SharedList<number>>(fresh('list'));
      const inner = manager.list<number>();
      await outer.push(inner);
      const received = present(await clients.one.list<SharedList<number>>(outer.name).pop());
      await roundTrip(clients.one);
      await received.push(7);
      expect(await inner.toArray()).toEqual([7]);
      await close();
      expect(await received.toArray()).toEqual([7]);
    });

    // Each operation of each container that removes a value releases the references in it.
    const containers: Record<string, (manager: Manager, inner: SharedList<number>) => Promise<(() => Promise<unknown>)[]>> = {
      'dict: delete': async (manager, inner) => {
        const dict = manager.dict<string, SharedList<number>>(fresh('dict'));
        await dict.set('inner', inner);
        return [() => dict.delete('inner')];
      },
      'dict: overwritten': async (manager, inner) => {
        const dict = manager.dict<string, unknown>(fresh('dict'));
        await dict.setMany([['inner', { deep: [inner, inner] }]]);
        return [() => dict.set('inner', null)];
      },
      'dict: clear': async (manager, inner) => {
        const dict = manager.dict<string, unknown>(fresh('dict'));
        await dict.getOrInsert('inner', new Map([['x', inner]]));
        return [() => dict.clear()];
      },
      'dict: compareAndSet': async (manager, inner) => {
        const dict = manager.dict<string, SharedList<number> | number>(fresh('dict'));
        await dict.compareAndSet('inner', undefined, inner);
        return [() => dict.compareAndSet('inner', inner, 1)];
      },
      'dict: a key that expires': async (manager, inner) => {
        const dict = manager.dict<string, SharedList<number>>(fresh('dict'));
        await dict.set('inner', inner, { ttl: 1_500 });
        return [() => until('the key is gone', async () => !(await dict.has('inner')))];
      },
      'dict: a path': async (manager, inner) => {
        const dict = manager.dict<string, { lists: SharedList<number>[] }>(fresh('dict'));
        await dict.set('deep', { lists: [] });
        await dict.path('deep', 'lists').push(inner);
        return [() => dict.path('deep', 'lists').set([])];
      },
      'dict: destroy': async (manager, inner) => {
        const dict = manager.dict<string, SharedList<number>>(fresh('dict'));
        await dict.set('inner', inner);
        return [() => dict.destroy()];
      },
      'list: every reference goes': async (manager, inner) => {
        const list = manager.list<SharedList<number> | number>(fresh('list'));
        await list.push(inner, inner, inner, inner);
        return [() => list.pop(), () => list.shift(), () => list.set(0, 5), () => list.splice(1, 1)];
      },
      'list: clear': async (manager, inner) => {
        const list = manager.list<SharedList<number>>(fresh('list'));
        await list.unshift(inner);
        await list.reverse();
        return [() => list.clear()];
      },
      'set: delete': async (manager, inner) => {
        const set = manager.set<SharedList<number>>(fresh('set'));
        await set.add(inner);
        return [() => set.delete(inner)];
      },
      'namespace: delete': async (manager, inner) => {
        const namespace = manager.namespace<{ inner?: SharedList<number> }>(fresh('namespace'));
        await namespace.assign({ inner });
        return [() => namespace.delete('inner')];
      },
      'value: set': async (manager, inner) => {
        const value = manager.value<SharedList<number> | null>(fresh('value'), inner);
        await value.create();
        return [() => value.set(null)];
      },
      'queue: clear': async (manager, inner) => {
        const queue = manager.queue<SharedList<number>>(fresh('queue'));
        await queue.put(inner);
        await queue.put(inner, { delay: 60_000 });
        return [() => queue.clear()];
      },
      'queue: an acknowledged delivery': async (manager, inner) => {
        const queue = manager.queue<SharedList<number>>(fresh('queue'));
        await queue.put(inner);
        const { manager: other, close } = await clients.more();
        const delivery = await other.queue<SharedList<number>>(queue.name).get({ ack: true });
        return [() => delivery.ack(), close];
      },
      'pipe: close': async (manager, inner) => {
        const [one, two] = manager.pipe<SharedList<number>>(fresh('pipe'));
        await one.send(inner);
        await roundTrip(manager);
        return [() => two.close()];
      },
    };

    it.each(Object.keys(containers))('one is released by each operation that removes it from a container (%s)', async (way) => {
      const { manager, close } = await clients.more();
      const inner = manager.list<number>();
      await inner.push(1);
      // The container is used by a session that stays, and never gets the reference back.
      const ways = await containers[way]!(manager, inner);
      await inner[Symbol.asyncDispose]();
      for (const leave of ways) {
        await roundTrip(manager, clients.one);
        expect(await exists(clients.one, inner)).toBe(true);
        await leave();
      }
      await close();
      await gone(inner);
    });

    it('one passes through a queue after its sender dropped it (Python: gap "proxies through queues after the sender dropped them")', async () => {
      const queue = clients.one.queue<SharedDict<string, number>>(fresh('queue'));
      const { manager, close } = await clients.more();
      const inner = manager.dict<string, number>();
      await inner.set('a', 1);
      await manager.queue<SharedDict<string, number>>(queue.name).put(inner);
      await inner[Symbol.asyncDispose]();
      await close();
      const got = await queue.get();
      await roundTrip(clients.one, clients.two);
      expect(await got.get('a')).toBe(1);
      await got[Symbol.asyncDispose]();
      await gone(inner);
    });

    it('an item whose receiver dies before taking it still refers to it', async () => {
      const queue = clients.one.queue<SharedList<number>>(fresh('queue'));
      const { manager, close } = await clients.more();
      const waiting: Watched<unknown> = await queued(manager, manager.queue<SharedList<number>>(queue.name).get({ ack: true }));
      const inner = clients.one.list<number>();
      await inner.push(1);
      await queue.put(inner);
      await inner[Symbol.asyncDispose]();
      await waiting.promise;
      await close();
      const again = await queue.get();
      expect(await again.toArray()).toEqual([1]);
    });

    it('one stays while a call on it waits, also without its proxy', async () => {
      const requests = clients.one.queue<{ reply: SharedQueue<number> }>(fresh('queue'));
      const answer = await (async () => {
        const reply = clients.one.queue<number>();
        const waiting = await queued(clients.one, reply.get());
        await requests.put({ reply });
        return waiting;
      })();
      const { reply } = await clients.two.queue<{ reply: SharedQueue<number> }>(requests.name).get();
      await reply.put(42);
      expect(await answer.promise).toBe(42);
    });

    it('a cycle ends with the last session that knew of it', async () => {
      interface Ring extends SharedDict<string, Ring> {}
      const { manager, close } = await clients.more();
      const ring = [0, 1, 2].map(() => manager.dict<string, Ring>() as unknown as Ring);
      for (const [index, dict] of ring.entries()) await dict.set('next', ring[(index + 1) % 3]!);
      await ring[1]![Symbol.asyncDispose]();
      await roundTrip(manager, clients.one);
      expect(await exists(clients.one, ring[1]!)).toBe(true);
      await close();
      for (const dict of ring) await gone(dict);
    });

    interface Loop extends SharedList<Loop> {}

    /** Two lists that contain each other, and a named dict that refers to them; the session that made them is gone. */
    async function rooted(): Promise<{ one: Loop; two: Loop; root: SharedDict<string, Loop> }> {
      const { manager, close } = await clients.more();
      const one = manager.list<Loop>() as Loop;
      const two = manager.list<Loop>() as Loop;
      await one.push(two);
      await two.push(one);
      const root = manager.dict<string, Loop>(fresh('dict'));
      await root.set('ring', one);
      await close();
      return { one, two, root };
    }

    it('a cycle stays while a named object refers to it', async () => {
      const { one, two, root } = await rooted();
      const found = present(await clients.one.dict<string, Loop>(root.name).get('ring'));
      const next = present(await found.at(0));
      const around = present(await next.at(0));
      expect(around.name).toBe(one.name);
      await clients.one.dict(root.name).destroy();
      for (const each of [found, next, around]) await each[Symbol.asyncDispose]();
      await gone(two);
    });

    it('a cycle ends with the time to live of the object that refers to it', async () => {
      const { one, two, root } = await rooted();
      expect(await exists(clients.one, two)).toBe(true);
      await clients.one.dict(root.name).expire(20);
      await gone(one);
      await gone(two);
    });

    it('a chain ends as a whole', async () => {
      const outer = clients.one.list<unknown>();
      let last: SharedList<unknown> = outer;
      const chain = [outer];
      for (let depth = 0; depth < 20; depth++) {
        const next: SharedList<unknown> = clients.one.list();
        await last.push(next);
        chain.push(next);
        last = next;
      }
      await last.push('end');
      for (const list of chain.slice(1)) await list[Symbol.asyncDispose]();
      await roundTrip(clients.one);
      expect(await exists(clients.one, last)).toBe(true);
      await outer[Symbol.asyncDispose]();
      for (const list of chain) await gone(list);
    });

    it('a condition keeps its lock, a queue its queue of dead letters', async () => {
      const { manager, close } = await clients.more();
      const lock = manager.lock();
      const dead = manager.queue<number>();
      const condition = manager.condition(fresh('condition'), lock);
      const queue = manager.queue<number>(fresh('queue'), { deadLetter: { queue: dead, maxDeliveries: 1 } });
      await condition.create();
      await dead.create();
      await queue.create();
      await close();
      await roundTrip(clients.one);
      expect(await exists(clients.one, lock)).toBe(true);
      expect(await exists(clients.one, dead)).toBe(true);
      await clients.one.condition(condition.name).destroy();
      await clients.one.queue(queue.name).destroy();
      await gone(lock);
      await gone(dead);
    });

    it('a destroyed one is gone at once, and its name can be used again', async () => {
      const list = clients.one.list<number>();
      await list.push(1);
      await list.destroy();
      expect(await exists(clients.one, list)).toBe(false);
      await list.push(2);
      await roundTrip(clients.one);
      expect(await list.toArray()).toEqual([2]);
      await list[Symbol.asyncDispose]();
      await gone(list);
    });

    it('a held lock without a name stays until it is released', async () => {
      const lock = clients.one.lock();
      const held = await lock.acquire();
      await lock[Symbol.asyncDispose]();
      await roundTrip(clients.one);
      expect(await exists(clients.two, lock)).toBe(true);
      await held.release();
      await gone(lock);
    });

    it('one whose reference is on its way keeps its contents, although the proxy that was there is disposed meanwhile', async () => {
      const dict = clients.one.dict<string, SharedList<string>>(fresh('dict'));
      for (let round = 0; round < 50; round++) {
        const list = clients.one.list<string>();
        await list.push('content');
        await dict.set('x', list);
        const taken = dict.pop('x');
        await list[Symbol.asyncDispose]();
        const received = present(await taken);
        expect(await received.toArray()).toEqual(['content']);
        await received[Symbol.asyncDispose]();
        await gone(list);
      }
    });

    it('lists that one client hands itself through a queue arrive whole, and end when both sides drop them', async () => {
      const queue = clients.one.queue<SharedList<number>>(fresh('queue'));
      const names: string[] = [];
      const produce = async (): Promise<void> => {
        for (const index of range(0, 100)) {
          const list = clients.one.list<number>();
          names.push(list.name);
          await list.push(index);
          await queue.put(list);
          await list[Symbol.asyncDispose]();
        }
        await queue.shutdown();
      };
      const consume = async (items: AsyncIterable<SharedList<number>>): Promise<number[]> => {
        const found: number[] = [];
        for await (const list of items) {
          found.push(...(await list.toArray()));
          await list[Symbol.asyncDispose]();
        }
        return found;
      };
      const one = async function* (): AsyncGenerator<SharedList<number>> {
        for (let count = 0; count < 50; count++) yield await queue.get();
      };
      const [first, rest] = await Promise.all([consume(one()), consume(queue), produce()]).catch(async (error: unknown) => {
        await queue.shutdown({ immediate: true });
        throw error;
      });
      expect([...first, ...rest].sort((a, b) => a - b)).toEqual(range(0, 100));
      for (const name of names) await gone({ kind: 'list', name });
    });

    it('items that a loop fetched ahead stay until it reaches them, although their sender drops them', async () => {
      const queue = clients.one.queue<SharedList<number>>(fresh('queue'));
      const lists = range(0, 40).map(() => clients.one.list<number>());
      for (const [index, list] of lists.entries()) {
        await list.push(index);
        await queue.put(list);
      }
      await queue.shutdown();
      const found: number[] = [];
      for await (const received of queue) {
        for (const list of lists.splice(0)) await list[Symbol.asyncDispose]();
        found.push(...(await received.toArray()));
      }
      expect(found).toEqual(range(0, 40));
    });

    it('a proxy of an ended one neither reads nor writes, and makes no new one: NotFoundError', async () => {
      const outer = clients.one.list<SharedList<number>>(fresh('list'));
      const inner = clients.one.list<number>();
      await inner.push(1);
      await outer.push(inner);
      const received = present(await clients.two.list<SharedList<number>>(outer.name).at(0));
      await clients.two.list(inner.name).destroy();
      for (const proxy of [received, inner]) {
        await expect(proxy.toArray()).rejects.toBeInstanceOf(NotFoundError);
        await expect(proxy.push(2)).rejects.toBeInstanceOf(NotFoundError);
        await expect(proxy.expire(1_000)).rejects.toBeInstanceOf(NotFoundError);
      }
      expect(await exists(clients.one, inner)).toBe(false);
    });

    it('an update sees the objects that a value refers to, although another client takes it out meanwhile', async () => {
      const dict = clients.one.dict<string, SharedList<number>>(fresh('dict'));
      const { manager, close } = await clients.more();
      const list = manager.list<number>();
      await list.push(7);
      await dict.set('x', list);
      await close();
      let seen: SharedList<number> | undefined;
      await dict.update('x', (present) => {
        seen = present;
        return undefined;
      });
      expect(await present(seen).toArray()).toEqual([7]);
    });

    it('an anonymous set that was never used is an empty other side', async () => {
      const set = clients.one.set<number>(fresh('set'));
      await set.add(1);
      expect(await set.union(clients.one.set<number>())).toEqual(new Set([1]));
    });

    it('destroying one is seen by the objects that refer to it', async () => {
      const inner = clients.one.list<number>();
      const outer = clients.one.list<SharedList<number>>(fresh('list'));
      await inner.push(1);
      await outer.push(inner);
      const received = present(await clients.two.list<SharedList<number>>(outer.name).at(0));
      await inner.destroy();
      expect(await received.exists()).toBe(false);
    });
  });
}
