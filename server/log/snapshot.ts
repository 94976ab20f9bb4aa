import { setTimeout as pause } from 'node:timers/promises';
import { LogReplay } from './log-replay.js';
import type { LogStore } from './log-store.js';

/** Pause until the log is read again, if its last state cannot be restored, in milliseconds. */
const PAUSE_MS = 100;

/** Applies the last snapshot and the log after it to a machine of its own, and writes a snapshot of it. Returns its position. */
export async function writeSnapshot(store: LogStore): Promise<number> {
  const replay = await LogReplay.begin(store);
  for (;;) {
    await replay.applyRest(store);
    // While users' code runs, its end has to come first.
    if (replay.machine.engine.restorable) break;
    await pause(PAUSE_MS);
  }
  await store.writeSnapshot(replay.position, replay.chunks());
  return replay.position;
}
