// A raw worker, thread or process: receives shared objects, works on them, and ends by itself.
import { parentPort, workerData } from 'node:worker_threads';
import { receive, type SharedDict, type SharedQueue, type Transportable } from 'commonhold';

type Shared = Transportable<{ dict: SharedDict<string, number>; queue: SharedQueue<string>; times: number }>;

async function work(data: Shared): Promise<void> {
  const { dict, queue, times } = receive(data);
  for (let time = 0; time < times; time++) await dict.add('raw');
  await queue.put('done');
}

if (parentPort) await work(workerData as Shared);
else process.once('message', (data: Shared) => void work(data));
