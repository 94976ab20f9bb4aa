import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';

const KEYS = ['a', 'b'] as const;

/** Reads and writes a dict with few keys. */
export async function dict(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const dict = user.manager.dict<string, number>('dict');
  const key = KEYS[amount % KEYS.length]!;
  const object = `dict/${key}`;
  const value = user.unique();
  const expected = user.seen.get(object) as number | undefined;
  const call = <R>(what: string, args: readonly unknown[], make: () => Promise<R>) => user.call(object, what, args, make);
  switch (choice % 8) {
    case 0:
      return call('set', [value], () => dict.set(key, value));
    case 1:
      return call('swap', [expected, value], () => dict.compareAndSet(key, expected, value));
    case 2:
      return call('delete', [], () => dict.delete(key));
    case 3:
      return user.seen.set(object, await call('pop', [], () => dict.pop(key)));
    case 4:
      return user.seen.set(object, await call('insert', [value], () => dict.getOrInsert(key, value)));
    case 5: {
      const args: unknown[] = [];
      const change = (before: number | undefined): number => {
        args[0] = before;
        return (args[1] = value);
      };
      return call('change', args, () => dict.update(key, change).then(() => undefined));
    }
    default:
      return user.seen.set(object, await call('get', [], () => dict.get(key)));
  }
}

/** Counts under a key of a dict, several times at once: a count that is lost or made twice shows. */
export async function count(user: User, { choice, amount }: DeedStep): Promise<void> {
  const key = KEYS[choice % KEYS.length]!;
  const dict = user.manager.dict<string, number>('counts');
  const add = () => user.call(`counts/${key}`, 'add', [1], () => dict.add(key));
  await Promise.all(Array.from({ length: 1 + (amount % 3) }, add));
}

/** Works on a value that has a lock of its own. */
export async function value(user: User, step: DeedStep): Promise<unknown> {
  const shared = user.manager.value<number>('value', 0);
  const next = user.unique();
  const expected = user.seen.get('value') as number | undefined;
  switch (step.choice % 6) {
    case 0:
      return user.wait('value', 'set', [next], step, (limits) => shared.set(next, limits));
    case 1:
      return user.wait('value', 'add', [1], step, (limits) => shared.add(1, limits));
    case 2:
      return user.wait('value', 'swap', [expected ?? 0, next], step, (limits) => shared.compareAndSet(expected ?? 0, next, limits));
    case 3: {
      const args: unknown[] = [];
      return user.wait('value', 'change', args, { ...step, timeout: undefined, abort: undefined }, async () => {
        const since = user.world.time.now;
        const held = await shared.lock({ timeout: step.timeout });
        args[0] = held.value;
        args[1] = held.value = next;
        const hold = user.granted(held, {}, { since });
        await user.pause(step.hold);
        user.world.holds.giveUp(hold);
        await held.release();
      });
    }
    default:
      return user.seen.set('value', await user.call('value', 'get', [], () => shared.get()));
  }
}

/** Adds items to a list, and takes items from both ends. */
export async function list(user: User, { choice }: DeedStep): Promise<unknown> {
  const list = user.manager.list<number>('list');
  const item = user.unique();
  const call = <R>(what: string, args: readonly unknown[], make: () => Promise<R>) => user.call('list', what, args, make);
  switch (choice % 7) {
    case 0:
      return call('shift', [], () => list.shift());
    case 1:
      return call('pop', [], () => list.pop());
    case 2:
      return call('unshift', [item], () => list.unshift(item));
    case 3:
      return call('length', [], () => list.length());
    default:
      return call('push', [item], () => list.push(item));
  }
}

/** Sets, clears and awaits a flag. */
export async function event(user: User, step: DeedStep): Promise<unknown> {
  const flag = user.manager.event('flag');
  switch (step.choice % 5) {
    case 0:
      return user.call('flag', 'set', [], () => flag.set());
    case 1:
      return user.call('flag', 'clear', [], () => flag.clear());
    case 2:
      return user.call('flag', 'isSet', [], () => flag.isSet());
    default:
      return user.wait('flag', 'wait', [], step, (limits) => flag.wait(limits));
  }
}

/** Largest number of entries of the dict `cache`. */
export const CACHED = 3;
const CACHE_KEYS = 5;

/** Writes keys that end by themselves into a dict that has room for few, and reads them. */
export async function cache(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const dict = user.manager.dict<string, number>('cache', { maxEntries: CACHED });
  const key = `k${amount % CACHE_KEYS}`;
  const value = user.unique();
  const ttl = 50 + choice * 20;
  if (choice % 3 > 0) return user.call('cache', 'get', [key], () => dict.get(key));
  return user.call('cache', 'set', [key, value, ttl], () => dict.set(key, value, { ttl }));
}

/** Adds an item to the journal. */
export async function journal(user: User): Promise<unknown> {
  const item = user.unique();
  return user.call('journal', 'push', [item], () => user.manager.list<number>('journal').push(item));
}
