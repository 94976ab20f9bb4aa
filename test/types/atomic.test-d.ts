// The types of atomic batches. Each line compiles, or fails if it must: this file is never run.
import type { AtomicBatch, Committed, Lock, Manager, SharedDict, SharedList, SharedQueue, SharedSet, SharedValue } from 'commonhold';
import { compiles, typed } from './support.js';

interface Job {
  id: number;
}

compiles(
  async (
    manager: Manager,
    stock: SharedDict<string, number>,
    jobs: SharedQueue<Job>,
    log: SharedList<string>,
    count: SharedValue<number>,
    large: SharedValue<bigint>,
    name: SharedValue<string>,
  ) => {
    const batch = manager.atomic();
    typed<AtomicBatch>()(batch);
    const chained = batch
      .check(stock, 'apples', 3)
      .check(stock, 'pears', undefined)
      .check(count, 0)
      .set(stock, 'apples', 2)
      .set(name, 'sold')
      .delete(stock, 'plums')
      .add(stock, 'sold')
      .add(stock, 'sold', 2)
      .add(count, 1)
      .add(large, 1n)
      .push(log, 'sold', 'again')
      .put(jobs, { id: 1 });
    typed<AtomicBatch>()(chained);
    const done = await chained.commit();
    typed<Committed>()(done);
    typed<boolean>()(done.ok);
    typed<readonly unknown[] | undefined>()(done.results);

    // @ts-expect-error The dict holds numbers.
    batch.check(stock, 'apples', 'three');
    // @ts-expect-error Its keys are texts.
    batch.check(stock, 1, 3);
    // @ts-expect-error A check of a dict needs a key.
    batch.check(stock, 'apples');
    // @ts-expect-error The value is a number.
    batch.check(count, 'none');
    // @ts-expect-error Absent is no value of a dict: delete() removes.
    batch.set(stock, 'apples', undefined);
    // @ts-expect-error The dict holds numbers.
    batch.set(stock, 'apples', '2');
    // @ts-expect-error The value is a text.
    batch.set(name, 2);
    // @ts-expect-error Only numbers can be added to.
    batch.add(name, 1);
    // @ts-expect-error The items are texts.
    batch.push(log, 1);
    // @ts-expect-error The items are jobs.
    batch.put(jobs, { id: 'one' });
    // @ts-expect-error A queue takes its item by put().
    batch.push(jobs, { id: 1 });
    // @ts-expect-error A commit has no options.
    await batch.commit({ timeout: 5 });
    // @ts-expect-error The result is readonly.
    done.ok = false;
  },
);

compiles((manager: Manager, tags: SharedSet<string>, lock: Lock, log: SharedList<string>) => {
  const batch = manager.atomic();
  // @ts-expect-error Sets are no part of batches.
  batch.check(tags, 'a');
  // @ts-expect-error Nor are lists checked.
  batch.check(log, 'a');
  // @ts-expect-error Locks are not set.
  batch.set(lock, 1);
});
