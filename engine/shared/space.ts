import {
  A_CLOSED,
  A_QUOTA,
  A_TOP,
  B_NEXT,
  BUSY,
  C_SIZE,
  CONTENDED,
  FULL,
  GONE,
  O_GUARD,
  S_CELLS,
  S_KEYS,
  S_NODES,
  S_OUT,
  S_PENDING,
  S_TOKEN,
} from './kernel/layout.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Kernel, Region } from './region.js';
import { sleep, SLICE } from './parking.js';
import { Threads } from './threads.js';

const KEYS = 1024;
const OUT = 8192;
const CELLS = 64;

/**
 * An arena as one thread works in it: its memory, its place among the threads, and the blocks that it works
 * with. All that is of an object goes through the kernel; this is what every structure needs for that.
 */
export class Space {
  readonly kernel: Kernel;
  readonly threads: Threads;
  /** Offset of this thread's slot, which most functions of the kernel take first. */
  readonly self: number;
  /** What stands for this thread in locks. */
  readonly token: number;
  /** Where keys are written for the kernel, and for how many bytes. */
  keys: number;
  keysRoom = KEYS;
  /** Where the kernel writes a cell and what it holds, and for how many bytes. */
  readonly out: number;
  readonly outRoom = OUT;
  /** Where cells are written for the kernel, and how many. */
  cells: number;
  cellsRoom = CELLS;

  /** @param clear clears away what a thread left that is gone */
  constructor(
    readonly region: Region,
    clear: (space: Space, slot: number, token: number, begun: boolean) => void,
  ) {
    this.kernel = region.kernel;
    this.threads = new Threads(region, (slot, token, begun) => clear(this, slot, token, begun));
    this.self = this.threads.join();
    this.token = this.word(this.self + S_TOKEN);
    try {
      this.keys = this.#own(S_KEYS, KEYS);
      this.out = this.#own(S_OUT, C_SIZE + OUT);
      this.cells = this.#own(S_CELLS, C_SIZE * CELLS);
    } catch (error) {
      // No room for one more thread: it takes no place either.
      this.leave();
      throw error;
    }
  }

  /** Told of each payload that goes into the memory and refers to other objects. */
  refersTo: (payload: Payload) => void = () => {};

  /** Told of an object without a name that no thread has a proxy of any more. */
  orphaned: (name: string) => void = () => {};

  /** This thread leaves the arena: what it holds is abandoned. */
  leave(): void {
    this.threads.leave();
  }

  /** Whether this thread is still in the arena. */
  get present(): boolean {
    return this.word(this.self + S_TOKEN) === this.token;
  }

  /** The word at an offset, also where another thread has let the memory grow up to there. */
  word(offset: number): number {
    return this.region.words[offset >> 2] ?? this.region.reached(offset + 4).words[offset >> 2]!;
  }

  double(offset: number): number {
    return this.region.doubles[offset >> 3] ?? this.region.reached(offset + 8).doubles[offset >> 3]!;
  }

  setWord(offset: number, value: number): void {
    this.region.words[offset >> 2] = value;
  }

  setDouble(offset: number, value: number): void {
    this.region.doubles[offset >> 3] = value;
  }

  /**
   * A block, in no object yet. Until a change puts it into one, it is free again after {@link Kernel.discard}.
   * @throws OutOfMemoryError
   */
  alloc(bytes: number): number {
    const block = this.kernel.alloc(this.self, bytes);
    if (block === 0) {
      this.kernel.discard(this.self);
      throw this.region.full();
    }
    this.region.reach(block + bytes);
    return block;
  }

  /** Makes the views show all that was allocated so far: all that an object has whose guard this thread has. */
  see(): void {
    this.region.reach(this.word(A_TOP));
  }

  /** A block that the thread keeps to itself; what it had in that place is free. */
  #own(place: number, bytes: number): number {
    const block = this.alloc(bytes);
    const before = this.word(this.self + place);
    // A thread that ends in between loses the block; in two places it would be freed twice.
    this.#keep(block);
    this.setWord(this.self + place, block);
    if (before !== 0) this.kernel.dropBlock(this.self, before);
    this.kernel.sweep(this.self);
    return block;
  }

  /** The newest block that was allocated is the thread's own now. Those before it may still be on their way into an object. */
  #keep(block: number): void {
    this.setWord(this.self + S_PENDING, this.word(block + B_NEXT));
  }

  /** Makes room for a key of so many bytes. */
  reserveKeys(bytes: number): void {
    if (bytes <= this.keysRoom) return;
    this.keys = this.#own(S_KEYS, bytes);
    this.keysRoom = bytes;
  }

  /** Makes room for so many cells. */
  reserveCells(count: number): void {
    if (count <= this.cellsRoom) return;
    const room = 2 ** Math.ceil(Math.log2(count));
    this.cells = this.#own(S_CELLS, C_SIZE * room);
    this.cellsRoom = room;
  }

  /** A node that this thread has in reserve, or a new one. */
  takeNode(bytes: number): number {
    const { self } = this;
    const kept = this.word(self + S_NODES);
    if (kept !== 0) {
      this.setWord(self + S_NODES, this.word(kept - 4));
      return kept;
    }
    const node = this.alloc(bytes);
    this.#keep(node);
    return node;
  }

  keepNode(node: number): void {
    if (!this.present) return;
    this.setWord(node - 4, this.word(this.self + S_NODES));
    this.setWord(this.self + S_NODES, node);
  }

  /**
   * What to do about an answer of the kernel: where it is BUSY, lets the thread pass that works on the object,
   * so that the call can be made again. Throws where the memory is full, or the arena closed.
   * @returns whether to make the call again
   */
  again(answer: number, object: number): boolean {
    if (answer === BUSY) {
      this.#pass(object);
      return true;
    }
    if (answer === FULL || answer === GONE) this.kernel.discard(this.self);
    if (answer === FULL) throw this.region.full();
    if (answer === GONE && this.closed) throw this.region.ended();
    return false;
  }

  /** Sleeps until the thread that works on an object has done so, or is found dead. */
  #pass(object: number): void {
    const guard = object + O_GUARD;
    const { words } = this.region;
    const seen = Atomics.load(words, guard >> 2);
    if (seen === 0 || this.kernel.guardContend(object, seen) === 0) return;
    sleep(words, guard, seen | CONTENDED, SLICE);
    if ((Atomics.load(words, guard >> 2) & ~CONTENDED) === (seen & ~CONTENDED)) this.threads.look();
  }

  /** Bytes that there are, may be, and are in use. */
  usage(): { size: number; maxSize: number; used: number } {
    this.region.refresh();
    const top = Atomics.load(this.region.words, A_TOP >> 2);
    return { size: this.region.size, maxSize: this.word(A_QUOTA), used: top - this.kernel.freeBytes() };
  }

  get closed(): boolean {
    return this.region.closed;
  }

  /** Ends the arena for all threads: those that sleep see it when they next look up. */
  close(): void {
    Atomics.store(this.region.words, A_CLOSED >> 2, 1);
  }
}
