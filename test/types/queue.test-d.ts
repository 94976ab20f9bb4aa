// The types of queues. Each line compiles, or fails if it must: this file is never run.
import type { Delivery, Frozen, Manager, SharedQueue } from 'commonhold';
import { compiles, typed } from './support.js';

interface Job {
  id: number;
}

compiles(async (manager: Manager) => {
  const dead = manager.queue<Job>('dead');
  const jobs = manager.queue<Job>('jobs', { capacity: 10, order: 'priority', deadLetter: { queue: dead, maxDeliveries: 3 } });
  typed<SharedQueue<Job>>()(jobs);
  manager.queue('jobs', { deadLetter: { queue: 'dead', maxDeliveries: 3 } });
  await jobs.put({ id: 1 }, { priority: -1.5, delay: 100, timeout: 5 });
  await jobs.putMany([{ id: 1 }], { priority: 1 });

  const job = await jobs.get();
  typed<Frozen<Job>>()(job);
  const waited = await jobs.get({ timeout: 5, ack: false });
  typed<Frozen<Job>>()(waited);
  const delivery = await jobs.get({ ack: true, lease: 1000, timeout: 5 });
  typed<Delivery<Job>>()(delivery);
  typed<Frozen<Job>>()(delivery.value);
  typed<AbortSignal>()(delivery.signal);
  await delivery.nak(50);
  for await (const next of jobs.deliveries({ prefetch: 4, lease: 1000, signal: AbortSignal.timeout(5) })) {
    typed<Delivery<Job>>()(next);
    await next.extend(5000);
    await next.ack();
  }

  // @ts-expect-error There is no such order.
  manager.queue('jobs', { order: 'random' });
  // @ts-expect-error The largest number of deliveries is required.
  manager.queue('jobs', { deadLetter: { queue: 'dead' } });
  // @ts-expect-error Dead letters go to a queue or its name.
  manager.queue('jobs', { deadLetter: { queue: 5, maxDeliveries: 3 } });
  // @ts-expect-error A priority is a number.
  await jobs.put({ id: 1 }, { priority: 'high' });
  // @ts-expect-error A plain get has no lease.
  await jobs.get({ lease: 1000 });
  // @ts-expect-error A delivery is readonly.
  delivery.attempts = 5;
});
