// The thread that writes a snapshot: it applies the last one and the log after it to a machine of its own, and ends.
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { LogReplay } from './log-replay.js';
import { openStore } from './open-store.js';

/** Pause until the log is read again, if its last state cannot be restored, in milliseconds. */
const PAUSE_MS = 100;

const store = openStore(workerData as string);
const replay = await LogReplay.begin(store);
for (;;) {
  await replay.applyRest(store);
  // While users' code runs, its end has to come first.
  if (replay.machine.engine.restorable) break;
  await pause(PAUSE_MS);
}
await store.writeSnapshot(replay.position, replay.chunks());
parentPort!.postMessage(replay.position);
