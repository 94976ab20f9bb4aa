import type { ArenaThread } from './arena-thread.js';

/** Writes a text to a block, which is in no object yet: its length, and its UTF-8 bytes. */
export function writeText(thread: ArenaThread, text: string): number {
  const size = Buffer.byteLength(text);
  const block = thread.alloc(4 + size);
  thread.setWord(block, size);
  thread.region.bytes.write(text, block + 4, size);
  return block;
}

export function readText(thread: ArenaThread, block: number): string {
  thread.region.reach(block + 4);
  const end = block + 4 + thread.word(block);
  thread.region.reach(end);
  return thread.region.bytes.toString('utf8', block + 4, end);
}
