import type { Objects } from '../../threads/storm/objects.js';

/** Arguments of a call: two small numbers and a text. */
export interface Given {
  readonly a: number;
  readonly b: number;
  readonly text: string;
}

/** Something that can be released. */
interface Held {
  release(): void;
}

/** Calls of all kinds, none of which waits, by name. `held` has what they hold, the newest last. */
export const CALLS: Record<string, (objects: Objects, given: Given, held: Held[]) => unknown> = {
  'value.add': ({ count }, { a }) => count.sync.add(a - 3, NOW),
  'value.set': ({ count }, { a, b }) => count.sync.set(b === 0 ? 2 ** 31 : a, NOW),
  'value.compareAndSet': ({ count }, { a, b }) => count.sync.compareAndSet(a, b, NOW),
  'value.lock': ({ count }, _given, held) => held.push(count.sync.lock(NOW)),
  'cell.set': ({ text }, given) => text.sync.set(given.text, NOW),
  'cell.get': ({ text }) => text.sync.get(),
  'cell.update': ({ text }, given) => text.sync.update((before) => before.slice(0, 40) + given.text, NOW),
  'float.add': ({ left }, { a, b }) => left.sync.add(a / (b + 1), NOW),
  'array.set': ({ same }, { a, b }) => same.sync.set(a * 3, b, NOW),
  'array.add': ({ sums }, { a, b }) => sums.sync.add(a, b, NOW),
  'array.write': ({ sums }, { a, b }) => sums.sync.write(a, [b, b + 1], NOW),
  'array.fill': ({ same }, { a, b }) => same.sync.fill(b, a, undefined, NOW),
  'array.read': ({ same }, { a }) => [...same.sync.read(a, a + 5)],
  'lock.acquire': ({ lock }, _given, held) => held.push(lock.sync.acquire(NOW)),
  'lock.tryAcquire': ({ rlock }, _given, held) => held.push(rlock.sync.acquire(NOW)),
  'condition.notify': ({ condition }, { a }) => condition.sync.run((mine) => condition.sync.notify(mine, a), NOW),
  'condition.wait': ({ condition }) => condition.sync.run((mine) => condition.sync.wait(mine, NOW), NOW),
  'semaphore.acquire': ({ semaphore }, { a }, held) => held.push(semaphore.sync.acquire({ ...NOW, permits: a + 1 })),
  'semaphore.release': ({ semaphore }, { b }) => b === 0 && semaphore.sync.release(),
  'semaphore.available': ({ semaphore }) => semaphore.sync.available(),
  'bounded.acquire': ({ bounded }, { a }, held) => held.push(bounded.sync.acquire({ ...NOW, permits: a + 1 })),
  'bounded.release': ({ bounded }) => bounded.sync.release(),
  'event.set': ({ event }) => event.sync.set(),
  'event.clear': ({ event }) => event.sync.clear(),
  'event.wait': ({ event }) => event.sync.wait(NOW),
  'barrier.wait': ({ barrier }) => barrier.sync.wait(NOW),
  'barrier.abort': ({ barrier }, { a }) => a === 0 && barrier.sync.abort(),
  'barrier.reset': ({ barrier }) => barrier.sync.reset(),
  'barrier.broken': ({ barrier }) => [barrier.sync.broken(), barrier.sync.waiting()],
  'queue.put': ({ bounds }, { text }) => bounds.sync.put(text, NOW),
  'queue.putMany': ({ bounds }, { a, text }) => bounds.sync.putMany(Array<string>(a).fill(text), NOW),
  'queue.get': ({ bounds }) => bounds.sync.get(NOW),
  'queue.getMany': ({ bounds }, { a }) => bounds.sync.getMany(a + 1, NOW),
  'queue.peek': ({ bounds }, { a }) => bounds.sync.peek(a),
  'queue.taskDone': ({ bounds }, { a }) => bounds.sync.taskDone(a),
  'queue.join': ({ bounds }) => bounds.sync.join(NOW),
  'queue.clear': ({ bounds }) => bounds.sync.clear(),
  'dict.set': ({ dict }, { a, text }) => dict.sync.set(`key ${a}`, text),
  'dict.get': ({ dict }, { a }) => dict.sync.get(`key ${a}`),
  'dict.pop': ({ dict }, { a }) => dict.sync.pop(`key ${a}`),
  'dict.popItem': ({ dict }) => dict.sync.popItem(),
  'dict.add': ({ counts }, { a, b }) => counts.sync.add(`key ${a}`, b),
  'dict.swap': ({ dict }, { a, b, text }) => dict.sync.compareAndSet(`key ${a}`, dict.sync.get(`key ${b}`), text),
  'dict.setMany': ({ dict }, { a, b, text }) => dict.sync.setMany(Array.from({ length: a }, (_, i) => [`key ${i * (b + 1)}`, text])),
  'dict.entries': ({ dict }) => [...dict.sync],
  'dict.clear': ({ dict }, { b }) => b === 0 && dict.sync.clear(),
  'list.push': ({ list }, { a, text }) => list.sync.push(...Array<string>(a).fill(text)),
  'list.unshift': ({ list }, { text }) => list.sync.unshift(text),
  'list.pop': ({ list }) => list.sync.pop(),
  'list.insert': ({ list }, { a, text }) => list.sync.insert(a, text),
  'list.splice': ({ list }, { a, b, text }) => list.sync.splice(a, b, text),
  'list.sort': ({ list }, { a }) => list.sync.sort({ descending: a > 4 }),
  'list.reverse': ({ list }) => list.sync.reverse(),
  'list.indexOf': ({ list }, { text }) => list.sync.indexOf(text),
  'list.toArray': ({ list }) => list.sync.toArray(),
  release: (_objects, _given, held) => held.pop()?.release(),
};

/** Does not wait: there is no other thread. */
const NOW = { timeout: 0 };
