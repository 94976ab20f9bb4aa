// A registered type that writes to the channel of its manager.
import { isMainThread, parentPort } from 'node:worker_threads';

function say(): void {
  for (const message of ['ready', 5, { addresses: ['unix:/nowhere'] }, { error: 'no', invalid: true }]) {
    if (isMainThread) process.send!(message);
    else parentPort!.postMessage(message);
  }
}

say();

export class Noisy {
  talk(): string {
    say();
    return 'heard';
  }
}
