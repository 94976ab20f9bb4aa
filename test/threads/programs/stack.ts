import type { Arena } from '../../../client/index.js';
import { A_HEAP, O_GUARD } from '../../../engine/shared/kernel/layout.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { atDepths, refuseOthers } from '../../support/stack-depths.js';
import { checkHeap } from '../../support/shared-heap.js';

// Calls all operations of shared memory near the end of the stack, at each depth before it. Prints a line for each call that left a lock,
// guard or change behind, and the number of calls that found no room. Its arguments: the kernel, the number of rounds.
const [kernel, rounds] = process.argv.slice(2);

/** The main thread must not block without a limit. */
const TIMEOUT = { timeout: 60_000 };
const TEXT = 'a text that needs a block, as it does not fit into a cell';

type Objects = ReturnType<typeof objectsOf>;

function objectsOf(arena: Arena) {
  return {
    arena,
    value: arena.value('value', 0, { type: 'i32' }),
    long: arena.value('long', 0n, { type: 'i64' }),
    text: arena.value<string>('text', 'a'),
    lock: arena.lock('lock'),
    rlock: arena.rlock('rlock'),
    condition: arena.condition('condition'),
    semaphore: arena.semaphore('semaphore', 3),
    barrier: arena.barrier('barrier', 1),
    event: arena.event('event'),
    array: arena.array('array', 'i32', 4),
    dict: arena.dict<string, unknown>('dict'),
    list: arena.list<unknown>('list'),
    anonymous: arena.list<unknown>(),
    queue: arena.queue<unknown>('queue'),
  };
}

/** A value that takes more of the stack the deeper it is. */
function nested(depth: number): unknown {
  let value: unknown = TEXT;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}
const NESTED = nested(40);
const MANY = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`many ${index}`, TEXT]));

/** Calls under way. */
const awaited: Promise<unknown>[] = [];

const CALLS: Record<string, (objects: Objects) => unknown> = {
  'value.get': ({ value }) => value.sync.get(),
  'value.set': ({ value }) => value.sync.set(1),
  'value.add': ({ value }) => value.sync.add(1),
  'value.add to an i64': ({ long }) => long.sync.add(1n),
  'value.update': ({ value }) => value.sync.update((before) => (before + 1) | 0),
  'value.update of a text': ({ text }) => text.sync.update((before) => (before === 'a' ? TEXT : 'a')),
  'value.update whose function overflows': ({ text }) => text.sync.update(() => overflow()),
  'value.compareAndSet': ({ text }) => text.sync.compareAndSet('a', 'a'),
  'value.lock': ({ value }) => {
    const held = value.sync.lock(TIMEOUT);
    held.value++;
    held.release();
  },
  'value.lock of a text': ({ text }) => {
    const held = text.sync.lock(TIMEOUT);
    held.value = held.value === 'a' ? TEXT : 'a';
    held.release();
  },
  'lock.acquire': ({ lock }) => lock.sync.acquire(TIMEOUT).release(),
  'lock.tryAcquire': ({ lock }) => lock.sync.tryAcquire()?.release(),
  'lock.run': ({ lock }) => lock.sync.run(() => 1, TIMEOUT),
  'lock.run whose function overflows': ({ lock }) => lock.sync.run(overflow, TIMEOUT),
  'rlock.run': ({ rlock }) => rlock.sync.run(() => rlock.sync.run(() => 1, TIMEOUT), TIMEOUT),
  'condition.run': ({ condition }) => condition.sync.run((held) => condition.sync.notify(held), TIMEOUT),
  'condition.wait': ({ condition }) => condition.sync.run((held) => condition.sync.wait(held, { timeout: 0 }), TIMEOUT),
  'semaphore.acquire': ({ semaphore }) => semaphore.sync.acquire({ permits: 2, ...TIMEOUT }).release(),
  'barrier.wait': ({ barrier }) => barrier.sync.wait(TIMEOUT),
  'barrier.abort': ({ barrier }) => {
    barrier.sync.abort();
    barrier.sync.reset();
  },
  'event.set': ({ event }) => {
    event.sync.set();
    event.sync.clear();
  },
  'event.wait': ({ event }) => event.sync.wait({ timeout: 0 }),
  'array.set': ({ array }) => array.sync.set(0, 1),
  'array.add': ({ array }) => array.sync.add(0, 1),
  'array.write': ({ array }) => array.sync.write(0, [1, 2]),
  'array.compareAndSet': ({ array }) => array.sync.compareAndSet(1, 2, 2),
  'dict.get': ({ dict }) => dict.sync.get('key'),
  'dict.set': ({ dict }) => dict.sync.set('another', TEXT),
  'dict.set of something nested': ({ dict }) => dict.sync.set('nested', NESTED),
  'dict.set of an anonymous list': ({ dict, anonymous }) => dict.sync.set('list', anonymous),
  'dict.get of a list': ({ dict }) => dict.sync.get('list'),
  'dict.delete': ({ dict }) => dict.sync.delete('another'),
  'dict.pop': ({ dict }) => dict.sync.pop('nested'),
  'dict.setMany': ({ dict }) => dict.sync.setMany(MANY),
  'dict.deleteMany': ({ dict }) => dict.sync.deleteMany(['many 1', 'many 2', 'many 3']),
  'dict.add': ({ dict }) => dict.sync.add('number'),
  'dict.addMany': ({ dict }) =>
    dict.sync.addMany([
      ['number', 1],
      ['other number', 2],
    ]),
  'dict.update': ({ dict }) => dict.sync.update('number', (before) => Number(before ?? 0) + 1),
  'dict.compareAndSet': ({ dict }) => dict.sync.compareAndSet('key', 1, 1),
  'dict.getOrInsert': ({ dict }) => dict.sync.getOrInsert('inserted', TEXT),
  'dict.entries': ({ dict }) => [...dict.sync.entries()],
  'dict.clear': ({ dict }) => dict.sync.clear(),
  'dict.popItem': ({ dict }) => dict.sync.popItem(),
  'list.push': ({ list }) => list.sync.push(TEXT, 'b'),
  'list.pop': ({ list }) => list.sync.pop(0),
  'list.set': ({ list }) => list.sync.set(0, TEXT),
  'list.insert': ({ list }) => list.sync.insert(1, TEXT),
  'list.splice': ({ list }) => list.sync.splice(1, 2, TEXT),
  'list.sort': ({ list }) => list.sync.sort(),
  'list.reverse': ({ list }) => list.sync.reverse(),
  'list.remove': ({ list }) => list.sync.remove('b'),
  'list.compareAndSet': ({ list }) => list.sync.compareAndSet(0, TEXT, TEXT),
  'list.toArray': ({ list }) => list.sync.toArray(),
  'list.clear': ({ list }) => list.sync.clear(),
  'queue.put': ({ queue }) => queue.sync.put(TEXT, TIMEOUT),
  'queue.putMany': ({ queue }) => queue.sync.putMany([TEXT, 1, 2], TIMEOUT),
  'queue.tryGet': ({ queue }) => queue.sync.tryGet(),
  'queue.get that finds none': ({ queue }) => {
    queue.sync.clear();
    try {
      queue.sync.get({ timeout: 0 });
    } catch (error) {
      if (!String(error).includes('Empty')) throw error;
    }
  },
  'arena.stats': ({ arena }) => arena.stats(),
  'an awaited dict.set': ({ dict }) => void awaited.push(dict.set('awaited', TEXT)),
  'an awaited list.push': ({ list }) => void awaited.push(list.push(TEXT)),
  'an awaited lock': ({ lock }) => void awaited.push(lock.run(() => 1)),
};

function overflow(): never {
  return overflow();
}

/** Describes the locks and permits that are still held when no call is under way. */
function left({ arena, semaphore }: Objects): string[] {
  const { thread, objects } = engineOf(arena);
  const guards = [A_HEAP, ...objects.directory.all().map(({ object }) => object + O_GUARD)];
  return [
    ...[...objects.all()].flatMap((object) => object.holders().map(() => `the lock of ${object.name}`)),
    ...guards.filter((guard) => thread.word(guard) !== 0).map((guard) => `the guard at ${guard}`),
    ...(semaphore.sync.available() === 3 ? [] : ['permits']),
  ];
}

const arena = arenaOn(kernel === 'WebAssembly', 1 << 25);
const objects = objectsOf(arena);
// A function is compiled at its first call, for which the end of the stack has no room.
refuseOthers(new RangeError());
process.on('unhandledRejection', refuseOthers);

for (const [name, call] of Object.entries(CALLS)) {
  let refused = 0;
  const failures: string[] = [];
  for (let round = 0; round < Number(rounds) && failures.length === 0; round++) {
    objects.dict.sync.setMany({ key: 1, number: 1, nested: NESTED });
    objects.list.sync.clear();
    objects.list.sync.push('a', 'b', 'c', 'd');
    objects.queue.sync.clear();
    try {
      refused += atDepths(round, () => call(objects));
      await Promise.allSettled(awaited.splice(0));
      failures.push(...left(objects));
      const lost = checkHeap(engineOf(arena));
      if (lost !== 0) failures.push(`${lost} bytes`);
    } catch (error) {
      failures.push(String(error));
    }
  }
  if (failures.length > 0) process.stdout.write(`${name} leaves ${failures.join(', ')}\n`);
  else if (refused === 0) process.stdout.write(`${name} found room everywhere\n`);
}
process.stdout.write('done\n');
process.exit();
