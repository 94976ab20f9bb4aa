import type { ArenaThread } from './arena-thread.js';

/** A text in a block, which is in no object yet: its length, and itself as UTF-8. */
export function writeText(space: ArenaThread, text: string): number {
  const size = Buffer.byteLength(text);
  const block = space.alloc(4 + size);
  space.setWord(block, size);
  space.region.bytes.write(text, block + 4, size);
  return block;
}

export function readText(space: ArenaThread, block: number): string {
  space.region.reach(block + 4);
  const end = block + 4 + space.word(block);
  space.region.reach(end);
  return space.region.bytes.toString('utf8', block + 4, end);
}
