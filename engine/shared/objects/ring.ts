import { payloadSize } from '../memory/cells.js';
import { chunkReader, copyOne, type Copy } from '../memory/chunk.js';
import { C_SIZE, D_BLOCK, D_MASK, D_START, O_DATA } from '../kernel/layout.js';
import type { ArenaThread } from '../memory/arena-thread.js';

// The ring of cells of a list, or of a queue, for one who has the guard.

/** The cell of a place. */
export function cellAt(space: ArenaThread, object: number, place: number): number {
  const data = object + O_DATA;
  return space.word(data + D_BLOCK) + C_SIZE * ((space.word(data + D_START) + place) & space.word(data + D_MASK));
}

/** Copies the cells from a place to before another: each call answers the next ones. */
export function ringReader(space: ArenaThread, object: number, from: number, to: number): () => Copy | undefined {
  return chunkReader(
    space,
    from,
    (next, out, room) => space.kernel.ringRead(object, next, to, out, room),
    (place) => (place < to ? copyOne(space, cellAt(space, object, place)) : undefined),
  );
}

/** Bytes of the payloads in the cells from a place to before another. */
export function ringBytes(space: ArenaThread, object: number, from: number, to: number): number {
  let bytes = 0;
  for (let place = from; place < to; place++) bytes += payloadSize(space, cellAt(space, object, place));
  return bytes;
}
