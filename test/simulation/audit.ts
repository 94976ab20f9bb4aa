import type { SharedQueue } from '../../client/objects/queue/queue.js';
import { CACHED } from './deeds/data.js';
import { RATE } from './deeds/jobs.js';
import { PERMITS } from './deeds/locks.js';
import type { ObservedClient } from './observed-client.js';
import type { ObservedWorld } from './observed.js';
import { User } from './user.js';

/** Looks, once all users are done, for locks that none of them has, and for calls that none of them made. */
export async function auditIdle(world: ObservedWorld, client: ObservedClient): Promise<void> {
  const { manager } = client;
  for (const { name: object, holders } of (await manager.locks()).locks) {
    for (const { token } of holders) {
      const release = world.history.of(object).find(({ what, args }) => what === 'release' && args[0] === token);
      const known = release === undefined ? world.holds.knows(object, token) : release.outcome !== 'done';
      if (!known) world.violated(`${object} is held under token ${token} by no user`);
    }
  }
  const { waiters, watches } = await manager.stats();
  if (waiters + watches > 0) world.violated(`${waiters} calls wait and ${watches} watches go on for no user`);
  client.closed = true;
  await manager.close();
}

/**
 * Reads all that is left once the clients are gone, which ought to be what they left on purpose.
 * @param orphans number of sessions that no client has, because the manager ended while it opened them
 */
export async function audit(world: ObservedWorld, client: ObservedClient, orphans = 0): Promise<void> {
  const { manager } = client;
  const user = new User(world, client, 0);
  for (const key of ['a', 'b']) {
    await user.call(`dict/${key}`, 'get', [], () => manager.dict<string, number>('dict').get(key));
    await user.call(`counts/${key}`, 'count', [], () => manager.dict<string, number>('counts').get(key));
  }
  await user.call('value', 'get', [], () => manager.value('value', 0).get());
  await user.call('list', 'all', [], async () => (await manager.list('list').toArray()).join(','));
  await user.call('flag', 'isSet', [], () => manager.event('flag').isSet());
  await user.call('queue', 'peek', [], () => manager.queue('queue', { capacity: 3 }).peek(1000));
  await user.call('limited', 'peek', [], () => manager.queue('limited', { rate: RATE }).peek(1000));
  for (const name of ['jobs', 'tasks', 'ticks']) await user.call(name, 'peek', [], () => itemsOf(manager.queue(name)));
  await user.call('cache', 'size', [], () => manager.dict('cache', { maxEntries: CACHED }).size());
  await user.call('watched', 'all', [], () => manager.dict('watched').toMap());
  const free = await user.call('semaphore', 'available', [], () => manager.boundedSemaphore('semaphore', PERMITS).available());
  if (free !== PERMITS) world.violated(`${free} of ${PERMITS} permits are free at the end`);
  await manager.dict('references').clear();

  const { sessions, callsInFlight, waiters, watches, heldLocks } = await manager.stats();
  const left = { sessions: Math.max(0, sessions - 1 - orphans), callsInFlight, waiters, watches, heldLocks };
  for (const [what, count] of Object.entries(left)) if (count !== 0) world.violated(`${count} ${what} are left at the end`);
  for await (const { kind, name } of manager.objects()) if (name.startsWith('~')) world.violated(`a ${kind} without a name is left`);
  client.closed = true;
  await manager.close();
}

/** Returns the items that wait in a queue, and the ones that are delayed. */
async function itemsOf(queue: SharedQueue<unknown>): Promise<unknown[]> {
  const delayed = await queue.items({ state: 'delayed', count: 1000 });
  return [...(await queue.peek(1000)), ...delayed.map(({ value }) => value)];
}
