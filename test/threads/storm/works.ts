import { threadId } from 'node:worker_threads';
import { BrokenBarrierError, NotFoundError, QueueEmptyError, QueueFullError, TimeoutError } from '../../../proto/errors.js';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import type { SyncHeld } from '../../../client/shared/sync/held.js';
import { isWhole, whole } from '../../support/whole.js';
import { ELEMENTS, KEYS, PASSING, PERMITS, PLAIN, TOGETHER, type Objects } from './objects.js';

/** A random integer below `end`. */
function below(end: number): number {
  return Math.floor(Math.random() * end);
}

/** A text, long in one of ten cases. */
function text(): string {
  return whole(below(10) === 0 ? below(5000) : below(60));
}

function key(): string {
  return KEYS[below(KEYS.length)]!;
}

function expectWhole(what: unknown): void {
  if (what !== undefined && !isWhole(what)) throw new Error(`read a torn text: ${JSON.stringify(what).slice(0, 100)}`);
}

/** Runs work that may fail with these errors, because its timeouts are short. */
function tolerant(expected: readonly (abstract new (...args: never[]) => Error)[], work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!expected.some((type) => error instanceof type)) throw error;
  }
}

/** Changes two values that are equal while no thread works on them. A holder after a killed one first makes them equal again. */
function inPair<T>(held: SyncHeld, read: () => [T, T], write: (both: T, place: 0 | 1) => void, next: (value: T) => T): void {
  const [left, right] = read();
  if (left !== right) {
    if (!held.abandoned) throw new Error(`unequal, and no thread was killed: ${String(left)}, ${String(right)}`);
    write(left, 1);
  }
  const value = next(left);
  write(value, 0);
  write(value, 1);
}

let puts = 0;

/** The operations of a thread of a storm, by name. */
export function works(objects: Objects): Record<string, () => void> {
  return { ...synchronisation(objects), ...values(objects), ...collections(objects), ...passing(objects) };
}

/** Objects that threads make and end all the time; no other thread may find one in a state between. */
function passing({ dict }: Objects): Record<string, () => void> {
  const { objects } = dict.local().shared;
  const name = (): string => `${PASSING}${below(4)}`;
  return {
    make: () => tolerant([NotFoundError], () => objects.open(dictKind, name()).set(key(), text(), PLAIN)),
    end: () => objects.destroy(name(), 'dict'),
  };
}

function synchronisation(objects: Objects): Record<string, () => void> {
  const { lock, left, right, rlock, inner, outer, semaphore, bounded, event, barrier, condition, turn } = objects;
  const numbers = [left.sync, right.sync] as const;
  const texts = [inner.sync, outer.sync] as const;
  const countBoth = (held: SyncHeld): void =>
    inPair(
      held,
      () => [numbers[0].get(), numbers[1].get()],
      (both, place) => numbers[place].set(both),
      (value) => value + 1,
    );
  const permits = (of: typeof semaphore): void =>
    tolerant([TimeoutError], () => {
      const taken = of.sync.acquire({ permits: 1 + below(PERMITS), timeout: 3 });
      of.sync.available();
      taken.release();
    });

  return {
    lock: () => lock.sync.run(countBoth),
    tryLock: () => {
      using held = lock.sync.tryAcquire();
      if (held !== undefined) countBoth(held);
    },
    rlock: () =>
      rlock.sync.run((held) =>
        inPair(
          held,
          () => [texts[0].get(), texts[1].get()],
          (both, place) => texts[place].set(both),
          text,
        ),
      ),
    semaphore: () => permits(semaphore),
    bounded: () => permits(bounded),
    tryPermits: () => bounded.sync.tryAcquire()?.release(),
    event: () => (below(2) === 0 ? event.sync.set() : event.sync.clear()),
    awaitEvent: () => event.sync.wait({ timeout: 2 }),
    barrier: () =>
      tolerant([BrokenBarrierError], () => {
        if (barrier.sync.broken()) barrier.sync.reset();
        barrier.sync.wait({ timeout: 3 });
      }),
    await: () =>
      condition.sync.run((held) => {
        const before = turn.sync.get();
        condition.sync.waitFor(held, () => turn.sync.get() !== before, { timeout: 2 });
      }),
    notify: () =>
      condition.sync.run((held) => {
        turn.sync.add(1);
        if (below(2) === 0) condition.sync.notify(held);
        else condition.sync.notifyAll(held);
      }),
  };
}

function values({ count, text: word, same, sums }: Objects): Record<string, () => void> {
  return {
    add: () => count.sync.add(1),
    swap: () => count.sync.compareAndSet(count.sync.get(), 0),
    text: () => word.sync.set(text()),
    readText: () => expectWhole(word.sync.get()),
    update: () =>
      word.sync.update((before) => {
        expectWhole(before);
        return text();
      }),
    fill: () => (below(2) === 0 ? same.sync.fill(below(1000)) : same.sync.write(0, new Float64Array(ELEMENTS).fill(below(1000)))),
    readArray: () => {
      if (new Set(same.sync.read()).size !== 1) throw new Error('read an array whose elements are not all the same');
    },
    sums: () => sums.sync.add(below(8), 1),
    lockArray: () => {
      const held = sums.sync.lock();
      sums.sync.set(0, sums.sync.get(1), { held });
      held.release();
    },
  };
}

function collections(objects: Objects): Record<string, () => void> {
  const { bounds, queue, dict, counts, together, list, pairs } = objects;
  return {
    put: () => tolerant([QueueFullError], () => bounds.sync.put(text(), { timeout: 2 })),
    putMany: () => tolerant([QueueFullError], () => bounds.sync.putMany([text(), text(), text()], { timeout: 2 })),
    get: () => tolerant([QueueEmptyError], () => expectWhole(bounds.sync.get({ timeout: 2 }))),
    getMany: () => tolerant([QueueEmptyError], () => bounds.sync.getMany(3, { timeout: 2 }).forEach(expectWhole)),
    tryGet: () => expectWhole(bounds.sync.tryGet()),
    queue: () => queue.sync.put([threadId, ++puts, text()]),
    dequeue: () => expectWhole(queue.sync.tryGet()?.[2]),
    peek: () => queue.sync.peek(3).forEach((item) => expectWhole(item[2])),
    set: () => dict.sync.set(key(), text()),
    getKey: () => expectWhole(dict.sync.get(key())),
    delete: () => dict.sync.delete(key()),
    pop: () => expectWhole(dict.sync.pop(key())),
    popItem: () => expectWhole(dict.sync.popItem()?.[1]),
    swapKey: () => dict.sync.compareAndSet(key(), undefined, text()),
    entries: () => [...dict.sync].forEach(([, value]) => expectWhole(value)),
    clear: () => below(20) === 0 && dict.sync.clear(),
    count: () => counts.sync.add(key()),
    together: () => {
      const one = text();
      together.sync.setMany(TOGETHER.map((each) => [each, one]));
    },
    readTogether: () => {
      const found = [...together.sync.getMany(TOGETHER).values()];
      if (found.length !== 0 && found.length !== TOGETHER.length) throw new Error(`${found.length} of the entries that come together`);
      found.forEach(expectWhole);
    },
    push: () => void list.sync.push(text(), text()),
    unshift: () => void list.sync.unshift(text()),
    shift: () => expectWhole(list.sync.shift()),
    splice: () => list.sync.splice(below(8), below(6), text(), text()).forEach(expectWhole),
    insert: () => list.sync.insert(below(20), text()),
    sort: () => list.sync.sort(),
    reverse: () => list.sync.reverse(),
    shorten: () => list.sync.length() > 40 && list.sync.splice(10),
    pairs: () => {
      const one = below(1000);
      pairs.sync.splice(0, 2, one, one);
    },
  };
}
