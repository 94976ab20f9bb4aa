import type { Manager } from 'commonhold';

export interface Job {
  readonly task: 'good' | 'shaky' | 'bad' | 'stuck' | 'tick';
  readonly at: number;
}

/** A job that was worked on. */
export interface Worked extends Job {
  readonly attempts: number;
  readonly pid: number;
}

/** Does a job, and writes it down. Some fail at first, some always, and one takes for ever in the first process that has it. */
export async function work(manager: Manager, job: Job, attempts: number): Promise<void> {
  if (job.task === 'bad') throw new Error(`job ${job.at} is bad`);
  if (job.task === 'shaky' && attempts < 2) throw new Error('not yet');
  if (job.task === 'stuck' && attempts === 1) {
    await manager.queue<number>('stuck').put(process.pid);
    await new Promise(() => {});
  }
  await manager.list<Worked>('worked').push({ ...job, attempts, pid: process.pid });
}
