// A job runner: retries with a backoff, a job that repeats, no duplicates, a limited pace, dead letters. Run it as often as you like, on the
// manager of COMMONHOLD_ADDRESS: any of them may die, and so may the manager if it has a data directory.
import { Manager } from 'commonhold';
import { work, type Job } from './work.js';

const manager = await Manager.connect(undefined, { lease: 120_000 });
const jobs = manager.queue<Job>('jobs', { rate: { max: 10, per: 50 }, deadLetter: { queue: 'failed', maxDeliveries: 3 } });

const tick = (at: Date): Job => ({ task: 'tick', at: at.getTime() });
await manager.schedule('tick', { every: 50 }, jobs, tick, { id: 'tick' });

for await (const job of jobs.deliveries({ prefetch: 1 })) {
  try {
    await work(manager, job.value, job.attempts);
    await job.ack();
  } catch (reason) {
    await job.nak({ backoff: { type: 'exponential', delay: 20, max: 1000, jitter: 0.5 }, reason });
  }
}
