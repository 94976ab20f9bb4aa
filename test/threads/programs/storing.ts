// A thread that stores anonymous objects in containers that other threads destroy, or destroys these.
import { parentPort, workerData } from 'node:worker_threads';
import { localAt, localProxy, receiveLocal } from '../../../client/shared/arenas.js';
import { Arena, type Transportable } from '../../../client/index.js';
import { checkGuards } from '../../support/checked-guards.js';
import { AlreadyExistsError, NotFoundError, NotOwnerError, OutOfRangeError } from '../../../proto/errors.js';

interface Given {
  readonly data: Transportable<{ list: unknown }>;
  readonly destroys: boolean;
  readonly rounds: number;
}

const { data, destroys, rounds } = workerData as Given;
receiveLocal(data.arenas!, localProxy);
const client = localAt([...data.arenas!.keys()][0]!)!;
checkGuards(client.engine.thread);
const arena = new Arena(client);
const NAMES = ['list', 'dict', 'queue', 'value'] as const;

/** Proxies of the containers, which are made if they do not exist. */
function containers() {
  return {
    list: arena.list<unknown>('list'),
    dict: arena.dict<string, unknown>('dict'),
    queue: arena.queue<unknown>('queue'),
    value: arena.value<unknown>('value', 0),
  };
}

type Way = (what: unknown) => unknown;

/** Every method that stores a value. */
function ways(): Way[] {
  const { list, dict, queue, value } = containers();
  const inMiddle: Way = (what) => {
    list.sync.push(1, 2);
    list.sync.insert(1, what);
  };
  return [
    inMiddle,
    (what) => list.sync.push(what),
    (what) => list.sync.unshift(what),
    (what) => list.sync.splice(1, 1, what, what),
    (what) => list.sync.set(0, what),
    (what) => list.sync.compareAndSet(0, 1, what),
    (what) => list.sync.update(0, () => what),
    (what) => list.insert(1, what),
    (what) => list.compareAndSet(0, 2, what),
    (what) => list.push(what, what),
    (what) => dict.sync.set('key', what),
    (what) => dict.sync.getOrInsert('new', what),
    (what) => dict.sync.compareAndSet('other', undefined, what),
    (what) => dict.sync.update('key', () => what),
    (what) =>
      dict.sync.setMany([
        ['a', what],
        ['b', what],
      ]),
    (what) => dict.set('key', { what }),
    (what) => dict.compareAndSet('another', undefined, what),
    (what) => dict.setMany([['a', what]]),
    (what) => queue.sync.put(what),
    (what) => queue.sync.putMany([what, what]),
    (what) => queue.sync.tryPut(what),
    (what) => queue.put(what),
    (what) => value.sync.set(what),
    (what) => value.sync.compareAndSet(0, what),
    (what) => value.sync.update(() => what),
    (what) => value.set(what),
    (what) => value.update(() => what),
  ];
}

/** Errors of an operation whose container another thread destroys, and a third one makes again. */
const EXPECTED = [NotFoundError, OutOfRangeError, AlreadyExistsError, NotOwnerError];

async function step(round: number): Promise<void> {
  if (destroys) {
    const name = NAMES[round % NAMES.length]!;
    containers()[name].local().shared.objects.destroy(name, '');
    return;
  }
  const all = ways();
  const stored = arena.list<number>();
  await all[round % all.length]!(stored);
  if (round % 2 === 0) await stored.destroy();
}

for (let round = 0; round < rounds; round++) {
  try {
    await step(round);
  } catch (error) {
    if (!EXPECTED.some((type) => error instanceof type)) throw error;
  }
}
parentPort!.postMessage('done');
process.exit();
