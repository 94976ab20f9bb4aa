// The child process of manager.fork(): one task in, one outcome out, then the end.
import type { Task } from './messages.js';
import { runTask } from './run.js';
import { managerAt } from '../share.js';

process.once('message', async (task: Task) => {
  const outcome = await runTask(task);
  process.send!(outcome, async () => {
    await managerAt(task.address).close();
    process.disconnect();
  });
});
