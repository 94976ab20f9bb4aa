import { setImmediate } from 'node:timers/promises';
import { Manager, type SharedDict, type SharedQueue, type SharedValue } from 'commonhold';
import type { Counts } from './count.js';
import { sizeOf, type TextFile } from './files.js';
import { measure, type Measure } from './measure.js';

/** The objects that the workers share. */
export interface Job {
  /** Chunks of files to process; several files each, so that a call to the manager stands for much work. */
  readonly chunks: SharedQueue<readonly TextFile[]>;
  readonly words: SharedDict<string, number>;
  readonly files: SharedDict<string, Measure>;
  /** Bytes of the files that are done. */
  readonly done: SharedValue<number>;
}

/** The chunks of a worker that dies go back at once; only one that hangs keeps its chunks for so long, in milliseconds. */
const LEASE = 600_000;

/**
 * Processes chunks of files until the queue is shut down and empty. If a worker dies before it acknowledges a chunk, the chunk is delivered
 * to another one.
 */
export default async function ({ chunks, words, files, done }: Job): Promise<void> {
  await using manager = await Manager.connect();
  let merged: Promise<void> | undefined;
  // While one chunk is measured, the one before it is merged, and the next one has arrived.
  for await (const delivery of chunks.deliveries({ prefetch: 2, lease: LEASE })) {
    const chunk = delivery.value;
    const counts: Counts = new Map();
    const batch = manager.atomic();
    for (const file of chunk) {
      batch.set(files, file.path, measure(file, counts));
      await setImmediate(); // lets calls out and answers in
    }
    // All or nothing. The check fails if a worker had merged this chunk and died before it acknowledged it.
    batch.check(files, chunk[0]!.path, undefined).addMany(words, counts).add(done, sizeOf(chunk));
    await merged;
    merged = batch.commit().then(() => delivery.ack());
    merged.catch(() => {}); // an error is thrown where the promise is awaited
  }
  await merged;
}
