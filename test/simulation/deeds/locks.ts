import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';

/** Number of permits of the semaphore. */
export const PERMITS = 3;
const PARTIES = 2;
/** More than there are users. */
const READERS = 1000;
const UNLIMITED = { timeout: undefined, abort: undefined };

/** Holds a lock for a while, and writes under its fence. */
export async function lock(user: User, step: DeedStep): Promise<void> {
  const { time } = user.world;
  const lock = user.manager.lock('lock');
  const lease = step.choice % 7 === 0 ? 20 + step.amount * 10 : undefined;
  const since = time.now;
  const held = await user.inLine('lock', 'acquire', step, (limits) => lock.acquire({ ...limits, lease }));
  const hold = user.granted(held, {}, { since, lease });
  const until = time.now + (lease ?? Infinity);
  await user.pause(step.hold);
  // The manager decides if it is still held: the fence refuses what comes too late.
  if (step.amount % 2 === 0) {
    const fenced = user.manager.dict<string, number>('fenced');
    const write = user.call('fenced', 'write', [held.token], () => fenced.set('x', 1, { fence: held }));
    await write.catch(() => {});
  }
  user.world.holds.giveUp(hold);
  const late = time.now > until;
  await user.call('lock', 'release', [held.token], () => held.release());
  if (late) user.world.violated(`token ${held.token} of lock was held after its lease of ${lease} ms`);
}

/** Limits of a call that has none. */
const ENDLESS = { timeout: undefined, abort: undefined };

/** Holds a lock twice over, as one owner. */
export async function rlock(user: User, step: DeedStep): Promise<void> {
  const { time } = user.world;
  const lock = user.manager.rlock('rlock');
  const owner = user.manager.owner();
  const since = time.now;
  const outer = await user.inLine('rlock', 'acquire', step, (limits) => lock.acquire({ ...limits, owner }));
  const hold = user.granted(outer, owner, { since });
  const again = time.now;
  // Re-entered at once, but without a timeout it waits for a connection.
  const inner = await user.wait('rlock', 'again', [], ENDLESS, () => lock.acquire({ owner }));
  const innerHold = user.granted(inner, owner, { since: again });
  await user.pause(step.hold);
  user.world.holds.giveUp(innerHold);
  await user.call('rlock', 'release', [inner.token], () => inner.release());
  await user.pause(step.hold / 4);
  user.world.holds.giveUp(hold);
  await user.call('rlock', 'release', [outer.token], () => outer.release());
}

/** Reads together with others, or writes alone and under its fence. */
export async function rwlock(user: User, step: DeedStep): Promise<void> {
  const lock = user.manager.rwlock('rwlock');
  const writes = step.choice % 3 === 0;
  const since = user.world.time.now;
  const held = await user.inLine('rwlock', 'acquire', step, (limits) => (writes ? lock.write : lock.read).acquire(limits));
  // A reader has one of many permits, and a writer all.
  const hold = user.granted(held, {}, { since, permits: writes ? READERS : 1, capacity: READERS });
  await user.pause(step.hold);
  if (writes) {
    const written = user.manager.dict<string, number>('written').fencedBy(held);
    await user.call('written', 'write', [held.token], () => written.set('x', 1)).catch(() => {});
  }
  user.world.holds.giveUp(hold);
  await user.call('rwlock', 'release', [held.token], () => held.release());
}

/** Holds a lock for which urgent calls wait before others. */
export async function urgent(user: User, step: DeedStep): Promise<void> {
  const lock = user.manager.lock('urgent');
  const priority = step.choice % 3;
  const since = user.world.time.now;
  const held = await user.inLine('urgent', 'acquire', step, (limits) => lock.acquire({ ...limits, priority }), [priority]);
  const hold = user.granted(held, {}, { since });
  await user.pause(step.hold);
  user.world.holds.giveUp(hold);
  await user.call('urgent', 'release', [held.token], () => held.release());
}

/** Holds permits for a while. */
export async function semaphore(user: User, step: DeedStep): Promise<void> {
  const semaphore = user.manager.boundedSemaphore('semaphore', PERMITS);
  const permits = 1 + (step.choice % PERMITS);
  const since = user.world.time.now;
  const held = await user.inLine('semaphore', 'acquire', step, (limits) => semaphore.acquire({ ...limits, permits }));
  const hold = user.granted(held, {}, { since, permits, capacity: PERMITS });
  await user.pause(step.hold);
  user.world.holds.giveUp(hold);
  await user.call('semaphore', 'release', [held.token], () => held.release());
}

/** Waits for a notification under a lock, or notifies others. */
export async function condition(user: User, step: DeedStep): Promise<void> {
  const { time, holds } = user.world;
  const condition = user.manager.condition('condition');
  const since = time.now;
  const held = await user.wait('condition', 'acquire', [], step, (limits) => condition.acquire(limits));
  const hold = user.granted(held, {}, { since });
  try {
    if (step.choice % 2 === 0) {
      user.world.holds.giveUp(hold);
      // However it ends, it first takes the lock back, for which there is no limit.
      const limits = user.limits({ ...step, timeout: step.timeout ?? 2_000 });
      await user.wait('condition', 'wait', [held.token], UNLIMITED, () => condition.wait(held, limits));
      holds.begin(hold, 1);
    } else {
      await user.call('condition', 'notify', [], () => condition.notify(held, 1 + (step.amount % 2)));
    }
    await user.pause(step.hold / 4);
  } finally {
    user.world.holds.giveUp(hold);
    await user.call('condition', 'release', [held.token], () => held.release());
  }
}

/** Meets other users at a barrier, and mends it if one of them did not come. */
export async function barrier(user: User, step: DeedStep): Promise<void> {
  const barrier = user.manager.barrier('barrier', PARTIES);
  try {
    await user.wait('barrier', 'wait', [], step, (limits) => barrier.wait(limits));
  } catch (error) {
    if (step.choice % 2 === 0) await user.call('barrier', 'reset', [], () => barrier.reset());
    throw error;
  }
}
