// The thread that writes a snapshot, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from './open-store.js';
import { writeSnapshot } from './snapshot.js';

parentPort!.postMessage(await writeSnapshot(openStore(workerData as string)));
