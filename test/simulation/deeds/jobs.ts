import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';

/** The pace of the queue `limited`. */
export const RATE = { max: 2, per: 300 };
const TICK_MS = 150;

/** Puts tasks with ids, works on one, gives it back with a backoff, or keeps the queue from handing out any for a while. */
export async function tasks(user: User, step: DeedStep): Promise<void> {
  const { choice, amount } = step;
  const queue = user.manager.queue<number>('tasks');
  if (choice % 5 < 2) {
    const item = user.unique();
    const id = `id ${amount % 3}`;
    await user.wait('tasks', 'put', [item, id], step, (limits) => queue.put(item, { ...limits, id }));
  } else if (choice % 5 === 2 && amount % 2 === 0) {
    await user.call('tasks', 'pause', [], () => queue.pause());
    await user.pause(step.hold);
    await user.call('tasks', 'resume', [], () => queue.resume());
  } else {
    const task = await user.wait('tasks', 'deliver', [], step, (limits) => queue.get({ ...limits, ack: true, lease: 20_000 }));
    await user.pause(step.hold / 4);
    const backoff = { type: 'fixed', delay: 1 + amount * 5 } as const;
    if (amount % 3 === 0) await user.call('tasks', 'nak', [task.value, backoff.delay], () => task.nak({ backoff }));
    else await user.call('tasks', 'ack', [task.value], () => task.ack());
  }
}

/** Puts items into a queue that hands out only a few in a while, and takes items from it. */
export async function rate(user: User, step: DeedStep): Promise<void> {
  const queue = user.manager.queue<number>('limited', { rate: RATE });
  const item = user.unique();
  if (step.choice % 2 === 0) await user.wait('limited', 'put', [item], step, (limits) => queue.put(item, limits));
  else await user.wait('limited', 'get', [], step, (limits) => queue.get(limits));
}

/** Runs a schedule for a while, as other clients do, or takes what it has put. */
export async function schedule(user: User, step: DeedStep): Promise<void> {
  const queue = user.manager.queue<number>('ticks');
  if (step.choice % 3 === 0) {
    const begun = () => user.manager.schedule('clock', { every: TICK_MS }, queue, (tick) => tick.getTime());
    const clock = await user.call('clock', 'begin', [], begun);
    await user.pause(step.hold * 2);
    clock.stop();
  } else {
    await user.wait('ticks', 'get', [], step, (limits) => queue.get(limits));
  }
}
