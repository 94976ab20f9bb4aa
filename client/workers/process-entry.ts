// The child process of manager.fork(): one task in, one outcome out, then the end.
import { managerAt } from '../share.js';
import type { Outcome, Task } from './messages.js';
import { runTask } from './run.js';

process.once('message', (task: Task) => void serve(task));

async function serve(task: Task): Promise<void> {
  await send(await runTask(task));
  await managerAt(task.address).close();
  process.disconnect();
}

function send(outcome: Outcome): Promise<void> {
  return new Promise((resolve) => process.send!(outcome, () => resolve()));
}
