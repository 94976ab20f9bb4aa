// The types of pipes. Each line compiles, or fails if it must: this file is never run.
import type { Frozen, Manager, PipeEnd, PipeReceiver, PipeSender, SharedQueue } from 'commonhold';
import { compiles, holds, typed } from './support.js';

interface Job {
  id: number;
}

compiles(async (manager: Manager) => {
  const [jobs, results] = manager.pipe<Job, string>('jobs', { capacity: 10 });
  typed<PipeEnd<Job, string>>()(jobs);
  typed<PipeEnd<string, Job>>()(results);
  await jobs.send({ id: 1 });
  const job = await results.receive({ timeout: 5 });
  typed<Frozen<Job>>()(job);
  const answer = await jobs.receive();
  typed<string>()(answer);
  for await (const message of jobs) typed<string>()(message);
  typed<boolean>()(await jobs.poll({ timeout: 0 }));
  const opened = await jobs.open();
  typed<PipeEnd<Job, string>>()(opened);
  typed<0 | 1>()(jobs.end);

  // @ts-expect-error The first end sends jobs.
  await jobs.send('one');
  // @ts-expect-error The second end sends texts.
  await results.send({ id: 1 });

  const [same] = manager.pipe<Job>();
  typed<PipeEnd<Job>>()(same);
  const [anything] = manager.pipe();
  await anything.send([1, 'two']);
});

compiles(async (manager: Manager, receivers: SharedQueue<PipeReceiver<Job>>) => {
  const [receiver, sender] = manager.pipe<Job>('jobs', { duplex: false });
  typed<PipeReceiver<Job>>()(receiver);
  typed<PipeSender<Job>>()(sender);
  await sender.send({ id: 1 });
  const job = await receiver.receive();
  typed<Frozen<Job>>()(job);
  for await (const message of receiver) typed<Frozen<Job>>()(message);
  typed<boolean>()(await receiver.poll());
  typed<PipeReceiver<Job>>()(await receiver.open());
  typed<PipeSender<Job>>()(await sender.create());
  await receivers.put(receiver);
  await using closing = sender;
  typed<string>()(closing.name);

  // The first end only receives, the second only sends.
  holds<'send' extends keyof PipeReceiver ? false : true>();
  holds<Extract<keyof PipeSender, 'receive' | 'poll' | typeof Symbol.asyncIterator> extends never ? true : false>();
  // @ts-expect-error The messages are jobs.
  await sender.send('one');
  // @ts-expect-error The two ends differ in type.
  await receivers.put(sender);
  // @ts-expect-error A one-way pipe has messages of one type.
  manager.pipe<Job, string>('jobs', { duplex: false });

  const work = async (jobs: PipeReceiver<Job>): Promise<Job> => jobs.receive();
  await work(receiver);
  // An end that does both can be used as one that does one.
  await work(manager.pipe<Job>()[0]);
});
