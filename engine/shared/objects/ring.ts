import { payloadSize } from '../memory/cells.js';
import { chunkReader, copyOne, type Copy } from '../memory/chunk.js';
import { C_SIZE, D_BLOCK, D_MASK, D_START, O_DATA } from '../kernel/layout.js';
import type { ArenaThread } from '../memory/arena-thread.js';

// The ring of cells of a list or a queue. Requires the guard.

/** Returns the cell at a place. */
export function cellAt(thread: ArenaThread, object: number, place: number): number {
  const data = object + O_DATA;
  return thread.word(data + D_BLOCK) + C_SIZE * ((thread.word(data + D_START) + place) & thread.word(data + D_MASK));
}

/** Returns a function that copies the cells from one place up to another: each call returns the next ones. */
export function ringReader(thread: ArenaThread, object: number, from: number, to: number): () => Copy | undefined {
  return chunkReader(
    thread,
    from,
    (next, out, room) => thread.kernel.ringRead(object, next, to, out, room),
    (place) => (place < to ? copyOne(thread, cellAt(thread, object, place)) : undefined),
  );
}

/** Returns the size of the payloads in the cells from one place up to another. */
export function ringBytes(thread: ArenaThread, object: number, from: number, to: number): number {
  let bytes = 0;
  for (let place = from; place < to; place++) bytes += payloadSize(thread, cellAt(thread, object, place));
  return bytes;
}
