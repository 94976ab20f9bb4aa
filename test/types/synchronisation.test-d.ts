// The types of rlocks, semaphores, conditions, events and barriers. Each line compiles, or fails if it must: this file is never run.
import type {
  AcquireOptions,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Held,
  HolderInfo,
  Lock,
  LockMode,
  Manager,
  OwnerToken,
  RLock,
  RWLock,
  Semaphore,
  SharedDict,
  SharedQueue,
} from 'commonhold';
import { compiles, holds, typed } from './support.js';

compiles(async (manager: Manager, signal: AbortSignal) => {
  const rlock = manager.rlock('rlock');
  typed<RLock>()(rlock);
  const owner = manager.owner('me');
  typed<OwnerToken>()(owner);
  typed<string | undefined>()(owner.label);
  await using outer = await rlock.acquire({ owner, lease: 1000, timeout: 5, signal });
  typed<Held>()(outer);
  await using inner = await rlock.acquire({ owner: outer });
  typed<bigint>()(inner.token);
  typed<boolean>()(inner.abandoned);
  typed<AbortSignal>()(inner.signal);
  await inner.extend(1000);
  typed<HolderInfo | undefined>()(await rlock.holder());
  typed<boolean>()(await rlock.locked());
  typed<number>()(await rlock.run(() => 1));
  typed<number>()(await rlock.run(async (aborted, held) => (held.token > 1n && aborted.aborted ? 1 : 2), { owner }));
  const options: AcquireOptions = { lease: 5, owner };
  await manager.lock().acquire(options);

  // @ts-expect-error A name is no owner.
  await rlock.acquire({ owner: 'me' });
  // @ts-expect-error A lease is in milliseconds.
  await rlock.acquire({ lease: '1 s' });
  // @ts-expect-error There is no such option.
  await rlock.acquire({ time: 5 });
  // @ts-expect-error A task is a function.
  await rlock.run(1);
  // @ts-expect-error A hold has no value, unless it is of a shared value.
  inner.value = 1;
  // @ts-expect-error `abandoned` is readonly.
  inner.abandoned = false;
  // @ts-expect-error Its name is readonly.
  rlock.name = 'other';
});

compiles(async (manager: Manager) => {
  const semaphore = manager.semaphore('places', 3);
  typed<Semaphore>()(semaphore);
  const bounded = manager.boundedSemaphore(undefined, 3);
  typed<BoundedSemaphore>()(bounded);
  // A bounded semaphore can be used as an unbounded one.
  const either: Semaphore = bounded;
  await using held = await either.acquire({ permits: 2, timeout: 5 });
  typed<Held>()(held);
  typed<Held | undefined>()(await semaphore.tryAcquire({ permits: 2 }));
  await semaphore.release();
  await semaphore.release(2);
  typed<number>()(await semaphore.available());

  // @ts-expect-error The number of permits is required.
  manager.semaphore('places');
  // @ts-expect-error It is a number.
  manager.semaphore('places', '3');
  // @ts-expect-error tryAcquire does not wait.
  await semaphore.tryAcquire({ timeout: 5 });
  // @ts-expect-error Permits are a number.
  await semaphore.acquire({ permits: 2n });
  // A semaphore may have several holders, so that it has no `holder`.
  holds<'holder' extends keyof Semaphore ? false : true>();
});

compiles(async (manager: Manager) => {
  const lock = manager.rwlock('rwlock');
  typed<RWLock>()(lock);
  await using held = await lock.read.acquire({ priority: -1, lease: 1000 });
  typed<Held>()(held);
  typed<Held | undefined>()(await lock.write.tryAcquire());
  typed<number>()(await lock.write.run((_signal, held) => Number(held.token)));
  typed<HolderInfo[]>()(await lock.holders());
  typed<LockMode | undefined>()((await lock.holders())[0]?.mode);
  // @ts-expect-error A priority is a number.
  await lock.read.acquire({ priority: 'high' });
  const semaphore = manager.semaphore('tokens', 1);
  await semaphore.consume(2, { timeout: 5, priority: 1 });
  typed<boolean>()(await semaphore.tryConsume());
  // @ts-expect-error Nothing is held, so there is no lease.
  await semaphore.consume(1, { lease: 5 });
});

compiles(async (manager: Manager, lock: Lock, rlock: RLock, event: Event) => {
  const condition = manager.condition('condition', lock);
  typed<Condition>()(condition);
  manager.condition(undefined, rlock);
  await using held = await condition.acquire();
  typed<Held>()(held);
  typed<boolean>()(await condition.wait(held, { timeout: 5 }));
  typed<boolean>()(await condition.waitFor(held, () => true));
  typed<boolean>()(await condition.waitFor(held, async () => event.isSet(), { timeout: 5 }));
  await condition.notify(held, 2);
  await condition.notifyAll(held);

  // @ts-expect-error An event is no lock.
  manager.condition('condition', event);
  // @ts-expect-error A wait needs its hold.
  await condition.wait();
  // @ts-expect-error So does a notification.
  await condition.notifyAll();
  // @ts-expect-error The options come after the hold.
  await condition.wait({ timeout: 5 });
  // @ts-expect-error A predicate returns a boolean.
  await condition.waitFor(held, () => 'yes');
  // @ts-expect-error The number of waiters is a number.
  await condition.notify(held, 'all');
});

compiles(async (manager: Manager, signal: AbortSignal) => {
  const event = manager.event('event');
  typed<Event>()(event);
  typed<boolean>()(await event.isSet());
  typed<boolean>()(await event.wait({ timeout: 5, signal }));
  await event.set();
  await event.clear();
  // @ts-expect-error set() has no argument.
  await event.set(true);
  // @ts-expect-error A timeout is an option.
  await event.wait(5);
});

compiles(async (manager: Manager) => {
  const barrier = manager.barrier('barrier', 4, { action: () => {}, timeout: 1000 });
  typed<Barrier>()(barrier);
  manager.barrier(undefined, 4, { action: async () => 1 });
  typed<number>()(barrier.parties);
  typed<number>()(await barrier.wait({ timeout: 5 }));
  typed<number>()(await barrier.waiting());
  typed<boolean>()(await barrier.broken());
  await barrier.abort();
  await barrier.reset();

  // @ts-expect-error The number of parties is required.
  manager.barrier('barrier');
  // @ts-expect-error An action takes no arguments.
  manager.barrier('barrier', 4, { action: (index: number) => index });
  // @ts-expect-error There is no such option.
  manager.barrier('barrier', 4, { actoin: () => {} });
  // @ts-expect-error The parties are readonly.
  barrier.parties = 5;
});

compiles(async (scores: SharedDict<string, number>, jobs: SharedQueue<string>, lock: Lock, rlock: RLock) => {
  // @ts-expect-error A dict of numbers is no dict of texts.
  const texts: SharedDict<string, string> = scores;
  // @ts-expect-error Nor one with other keys.
  const numbered: SharedDict<number, number> = scores;
  // @ts-expect-error A queue of texts is no queue of numbers.
  const numbers: SharedQueue<number> = jobs;
  // @ts-expect-error A dict is no lock.
  const other: Lock = scores;
  return [texts, numbered, numbers, other, lock, rlock];
});
