import { setImmediate } from 'node:timers/promises';
import { Manager, type SharedDict, type SharedQueue, type SharedValue } from 'commonhold';
import type { Counts } from './count.js';
import { sizeOf, type TextFile } from './files.js';
import { measure, type Measure } from './measure.js';

/** What the workers share. */
export interface Job {
  /** What is to be done: some files at a time, so that each call to the manager stands for much work. */
  readonly chunks: SharedQueue<readonly TextFile[]>;
  readonly words: SharedDict<string, number>;
  readonly files: SharedDict<string, Measure>;
  /** Bytes of the files that are done. */
  readonly done: SharedValue<number>;
}

/**
 * Works off chunks of files until the queue is shut down and empty. A chunk that is not acknowledged when its worker dies is
 * delivered to another one.
 */
export default async function ({ chunks, words, files, done }: Job): Promise<void> {
  await using manager = await Manager.connect();
  let merged: Promise<void> | undefined;
  // One chunk is measured while the one before it is merged, and the next one is here already.
  for await (const delivery of chunks.deliveries({ prefetch: 2 })) {
    const chunk = delivery.value;
    const counts: Counts = new Map();
    const batch = manager.atomic();
    for (const file of chunk) {
      batch.set(files, file.path, measure(file, counts));
      await setImmediate(); // lets calls out and answers in
    }
    // All of it happens, or nothing: the check fails where a worker had merged this chunk, and died before it could acknowledge it.
    batch.check(files, chunk[0]!.path, undefined).addMany(words, counts).add(done, sizeOf(chunk));
    await merged;
    merged = batch.commit().then(() => delivery.ack());
    merged.catch(() => {}); // what fails is thrown where it is awaited
  }
  await merged;
}
