import type { Lock, SharedDict, SharedList, SharedQueue, SharedValue } from 'commonhold';

/** Objects that all clients work on. */
export interface Shared {
  readonly dict: SharedDict<string, number>;
  readonly list: SharedList<string>;
  readonly queue: SharedQueue<string>;
  readonly added: SharedValue<number>;
  readonly locked: SharedValue<number>;
  readonly guarded: SharedValue<number>;
  readonly lock: Lock;
}

/** A client's share of the work: some hundred operations of all kinds. Returns the last item it took. */
export default async function (id: number, rounds: number, shared: Shared): Promise<string> {
  const { dict, list, queue, added, locked, guarded, lock } = shared;
  let taken = '';
  for (let round = 0; round < rounds; round++) {
    const mark = `${id}:${round}`;
    await Promise.all([dict.set(mark, round), dict.add('total'), list.push(mark), queue.put(mark), added.add(1)]);
    taken = await queue.get();
    {
      await using held = await locked.lock();
      held.value += 1;
      await held.release();
    }
    await lock.run(async () => guarded.set((await guarded.get()) + 1));
    for (let done = false; !done;) {
      const seen = (await dict.get('swapped')) ?? 0;
      done = await dict.compareAndSet('swapped', seen === 0 ? undefined : seen, seen + 1);
    }
  }
  return taken;
}
