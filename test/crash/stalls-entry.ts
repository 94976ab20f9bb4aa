// The thread of `Stalls`.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Stall } from './stalls.js';

/** Pause between two flushes, in milliseconds. */
const PAUSE_MS = 10;
const BYTES = new Uint8Array(4096);

const file = openSync(workerData as string, 'w');
const sleep = new Int32Array(new SharedArrayBuffer(4));
const now = (): number => performance.timeOrigin + performance.now();
for (;;) {
  const begin = now();
  Atomics.wait(sleep, 0, 0, PAUSE_MS);
  writeSync(file, BYTES, 0, BYTES.length, 0);
  fdatasyncSync(file);
  const end = now();
  if (end - begin > 2 * PAUSE_MS) parentPort!.postMessage({ begin, end } satisfies Stall);
}
