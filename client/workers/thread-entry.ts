// The thread of manager.thread(): one task in, one outcome out, then the end.
import { parentPort } from 'node:worker_threads';
import { managerAt } from '../share.js';
import type { Task } from './messages.js';
import { runTask } from './run.js';

parentPort!.once('message', async (task: Task) => {
  const outcome = await runTask(task);
  parentPort!.postMessage(outcome);
  await managerAt(task.address).close();
  parentPort!.close();
});
