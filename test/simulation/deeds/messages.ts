import type { SharedDict } from '../../../client/objects/dict.js';
import type { SeenHold } from '../holds.js';
import type { SeenWatch } from '../observed.js';
import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';

/** Puts items into a small queue, and takes items from it. */
export async function queue(user: User, step: DeedStep): Promise<void> {
  const queue = user.manager.queue<number>('queue', { capacity: 3 });
  const item = user.unique();
  if (step.choice % 2 === 0) await user.wait('queue', 'put', [item], step, (limits) => queue.put(item, limits));
  else await user.inLine('queue', 'get', step, (limits) => queue.get(limits));
}

/** Puts items into a queue, or processes one: acknowledges it, gives it back, or leaves it to its lease. */
export async function delivery(user: User, step: DeedStep): Promise<void> {
  const queue = user.manager.queue<number>('jobs');
  if (step.choice % 2 === 0) {
    const item = user.unique();
    await user.wait('jobs', 'put', [item], step, (limits) => queue.put(item, limits));
    return;
  }
  const { time, holds } = user.world;
  const lease = step.amount % 5 === 0 ? 100 : 20_000;
  const since = time.now;
  const delivery = await user.wait('jobs', 'deliver', [], step, (limits) => queue.get({ ...limits, ack: true, lease }));
  const { value, signal } = delivery;
  const { client } = user;
  const object = `jobs/${value}`;
  const hold: SeenHold = {
    object,
    client,
    token: 0n,
    signal,
    source: delivery,
    session: client.manager.sessionId,
    owner: {},
    permits: 1,
    until: since + lease,
    given: false,
  };
  holds.begin(hold, 1);
  await user.pause(step.hold);
  if (step.amount % 7 === 0) return;
  holds.giveUp(hold);
  if (step.amount % 4 === 0) await user.call('jobs', 'nak', [value], () => delivery.nak());
  else await user.call('jobs', 'ack', [value], () => delivery.ack());
}

/** Sends messages through a pipe, and receives some. Each end belongs to the first session that uses it. */
export async function pipe(user: User, step: DeedStep): Promise<void> {
  const [left, right] = user.manager.pipe<number>(`pipe${Math.floor(user.client.index / 2)}`, { capacity: 2 });
  const end = user.client.index % 2 === 0 ? left : right;
  const object = `${end.name}/${end.end}`;
  const item = user.unique();
  if (step.choice % 2 === 0) await user.wait(object, 'send', [item], step, (limits) => end.send(item, limits));
  else await user.inLine(`${end.name}/${1 - end.end}`, 'receive', step, (limits) => end.receive(limits));
}

/** Watches a dict for a while, or changes it. */
export async function watch(user: User, step: DeedStep): Promise<void> {
  const dict: SharedDict<string, number> = user.manager.dict('watched');
  const key = `k${step.amount % 3}`;
  const item = user.unique();
  if (step.choice % 3 === 0) await watchFor(user, dict, step.hold * 3);
  else if (step.choice % 7 === 1) await user.call('watched', 'delete', [], () => dict.delete(key));
  else await user.call('watched', 'set', [item], () => dict.set(key, item));
}

async function watchFor(user: User, dict: SharedDict<string, number>, ms: number): Promise<void> {
  const { watches, history } = user.world;
  const watching = dict.watch();
  const seen: SeenWatch = { client: user.client, began: Infinity, changes: [], error: undefined };
  watches.push(seen);
  setTimeout(() => void watching.return!(), ms);
  const begun = user.call('watched', 'size', [], () => dict.size()).then(() => (seen.began = history.moment()));
  begun.catch(() => {});
  try {
    for await (const change of watching) seen.changes.push(change);
  } catch (error) {
    seen.error = error;
  }
  await begun;
}

/** Makes objects without names, stores references to them, and drops them again. */
export async function anonymous(user: User, step: DeedStep): Promise<void> {
  const named = user.manager.dict<string, unknown>('references');
  const key = `k${step.amount % 3}`;
  if (step.choice % 3 === 0) {
    const stored = await user.call('references', 'get', [], () => named.get(key));
    if (stored) await user.call('anonymous', 'dispose', [], () => (stored as SharedDict)[Symbol.asyncDispose]());
  } else if (step.choice % 5 === 0) {
    await user.call('references', 'delete', [], () => named.delete(key));
  } else {
    const own = user.manager.dict<string, unknown>();
    await user.call('anonymous', 'set', [], () => own.set('x', 1));
    if (step.choice % 2 === 0) await user.call('references', 'set', [], () => named.set(key, own));
    await user.pause(step.hold);
    // A program may also forget it. It is there until the session ends, then.
    if (step.amount % 4 > 0) await user.call('anonymous', 'dispose', [], () => own[Symbol.asyncDispose]());
  }
}
