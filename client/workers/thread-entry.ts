// The thread of manager.thread(): one task in, one outcome out, then the end.
import { parentPort } from 'node:worker_threads';
import { managerAt } from '../share.js';
import type { Task } from './messages.js';
import { runTask } from './run.js';

const port = parentPort!;
port.once('message', (task: Task) => void serve(task));

async function serve(task: Task): Promise<void> {
  port.postMessage(await runTask(task));
  await managerAt(task.address).close();
  port.close();
}
