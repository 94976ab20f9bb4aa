// Makes a call that fails, and does not await it.
import { isMainThread } from 'node:worker_threads';
import { Manager } from 'commonhold';

/** As a worker: runs until it is ended. */
export default function (_what: string): Promise<never> {
  return new Promise(() => setInterval(() => {}, 1000));
}

function forgets(manager: Manager): void {
  void manager.list('list').set(5, 'far');
}

if (isMainThread) {
  const manager = await Manager.start(process.argv[2] === 'chosen' ? { callSites: true } : {});
  forgets(manager);
}
