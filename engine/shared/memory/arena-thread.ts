import {
  A_CLOSED,
  A_QUOTA,
  A_TOP,
  B_NEXT,
  BUSY,
  C_SIZE,
  CLASSES,
  FULL,
  GONE,
  LARGE_KIND,
  MOST_BYTES,
  O_SIZE,
  S_NODES,
  S_OUTER,
  S_PENDING,
  S_TOKEN,
  S_WANTED,
  SCARCE,
} from '../kernel/layout.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { ClearPart } from '../threads/clear-part.js';
import { Guards, HEAP } from './guards.js';
import { listen, wake } from '../threads/parking.js';
import type { ObjectAddress } from './place.js';
import { arenaEnded, Region, type Kernel } from './region.js';
import { Threads } from '../threads/threads.js';
import { ThreadWatch } from '../threads/watch.js';

const KEYS = 1024;
const OUT = 8192;
const CELLS = 64;
/** What kind of span has one block of a size that is worth it to join all free memory first. */
const HUGE_KIND = LARGE_KIND + 64;
/** Of a step that interrupts another: what it reads is short. */
const INNER_OUT = 256;
/** So many steps within each other find memory for themselves, however full the arena is: clearing away a thread needs it. */
const SPARE = 2;

/** Memory that the steps of one depth work with, and how much of each there is. */
interface Scratch {
  keys: number;
  keysRoom: number;
  out: number;
  outRoom: number;
  cells: number;
  cellsRoom: number;
}

const NONE: Scratch = { keys: 0, keysRoom: 0, out: 0, outRoom: 0, cells: 0, cellsRoom: 0 };

/**
 * An arena as one thread works in it: its memory, its place among the threads, and the blocks that it works
 * with. All that is of an object goes through the kernel; this is what every structure needs for that.
 */
export class ArenaThread {
  /** Its functions, until the thread leaves: from then on each throws ClosedError. */
  readonly kernel: Kernel;
  readonly guards: Guards;
  /** When this thread looks up while it waits. */
  readonly watch: ThreadWatch;
  readonly threads: Threads;
  /** Offset of this thread's slot, which most functions of the kernel take first. */
  readonly self: number;
  /** What stands for this thread in locks. */
  readonly token: number;
  /** Where keys are written for the kernel, and for how many bytes. */
  keys = 0;
  keysRoom = 0;
  /** Where the kernel writes a cell and what it holds, and for how many bytes. */
  out = 0;
  outRoom = 0;
  /** Where cells are written for the kernel, and how many. */
  cells = 0;
  cellsRoom = 0;
  /** The scratch memory of each depth; that of the present one may have grown since. */
  readonly #scratch: Scratch[] = [];
  /** How many steps the present one interrupts. */
  #depth = 0;
  /** @param clear clears away a part of what a thread left that is gone */
  constructor(
    public region: Region,
    clear: (thread: ArenaThread, ...part: Parameters<ClearPart>) => number,
  ) {
    this.kernel = { ...region.kernel };
    this.watch = new ThreadWatch(this);
    this.guards = new Guards(this, (slot, token, from, first) => this.#apart(() => clear(this, slot, token, from, first)));
    this.threads = new Threads(region, (slot, token, from, first) => this.guards.clear(slot, token, from, first));
    this.self = this.threads.join();
    this.token = this.word(this.self + S_TOKEN);
    try {
      while (this.#scratch.length <= SPARE) this.#scratch.push(this.#newScratch());
      this.#use(this.#scratch[0]!);
    } catch (error) {
      // No room for one more thread: it takes no place either, and has nothing that would take memory to clear away.
      while (this.#scratch.length <= SPARE) this.#scratch.push(NONE);
      this.leave();
      throw error;
    }
  }

  /** Finds the objects without a name that a payload refers to. */
  findReferred: (payload: Payload) => ObjectAddress[] = () => [];

  /** The objects without a name that a payload refers to, which is going to be written. */
  referred(payload: Payload): ObjectAddress[] {
    return this.#apart(() => this.findReferred(payload));
  }

  /** Drops what an object holds that has ended. Under the guard of the directory; it may have been done before. */
  dispose: (name: string, place: ObjectAddress) => void = () => {};

  /** Told of an object without a name that no thread has a proxy of any more. */
  orphaned: (name: string) => void = () => {};

  /**
   * This thread leaves the arena: what it holds is abandoned. Whatever it does from then on is done to an arena that is
   * closed and empty, and finds no function of the kernel: its slot may be another thread's.
   */
  leave(): void {
    if (!this.present) return;
    this.watch.resign();
    this.threads.leave();
    this.region = Region.ended();
    const refuse = (): never => {
      throw arenaEnded();
    };
    for (const name of Object.keys(this.kernel)) Object.assign(this.kernel, { [name]: refuse });
    // Nothing fits in, so that whatever is written asks the kernel first.
    this.#use({ ...NONE, keysRoom: -1, outRoom: -1, cellsRoom: -1 });
  }

  /** Whether this thread is still in the arena. */
  get present(): boolean {
    return this.word(this.self + S_TOKEN) === this.token;
  }

  /** The word at an offset, also where another thread has let the memory grow up to there. */
  word(offset: number): number {
    return this.region.words[offset >> 2] ?? this.#newWord(offset);
  }

  double(offset: number): number {
    return this.region.doubles[offset >> 3] ?? this.#newDouble(offset);
  }

  #newWord(offset: number): number {
    return this.region.reached(offset + 4).words[offset >> 2]!;
  }

  #newDouble(offset: number): number {
    return this.region.reached(offset + 8).doubles[offset >> 3]!;
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
    // The kernel would take it for its lowest 32 bits.
    if (bytes > MOST_BYTES) throw this.region.tooLong(bytes, MOST_BYTES);
    const { kernel, self } = this;
    let block: number;
    while ((block = kernel.alloc(self, bytes)) < 0) this.again(block, HEAP);
    this.region.reach(block + bytes);
    return block;
  }

  /** Memory for the header of an object, as {@link alloc}. */
  allocHeader(): number {
    const { kernel, self } = this;
    let header: number;
    while ((header = kernel.allocHeader(self)) < 0) this.again(header, HEAP);
    this.region.reach(header + O_SIZE);
    return header;
  }

  /** Brings the memory that a step of the kernel found too little of. */
  #refill(): void {
    const { kernel, self } = this;
    const wanted = this.word(self + S_WANTED);
    const brings = (extending: number): boolean => this.guards.step(HEAP, () => kernel.refill(self, wanted, extending)) !== FULL;
    // Large blocks that were freed are where the next ones go; small ones stay at hand for their class, unless they are in the way of a huge one.
    if (wanted >= LARGE_KIND) this.#takeIn(wanted >= HUGE_KIND ? 0 : CLASSES);
    if (brings(0)) return;
    this.#takeIn(0);
    if (brings(1)) return;
    kernel.discard(self);
    throw this.region.full();
  }

  /** Makes memory of what was freed, from a size class on. */
  #takeIn(first: number): void {
    while (this.guards.step(HEAP, () => this.kernel.takeIn(this.self, first)) !== 0);
  }

  /** Makes the views show all that was allocated so far: all that an object has whose guard this thread has. */
  see(): void {
    this.region.reach(this.word(A_TOP));
  }

  /**
   * Runs something in the middle of a step: with scratch memory of its own, and without what that step has pending.
   * All that can come in between goes through here, so that no two steps use the same memory.
   */
  #apart<R>(work: () => R): R {
    const { self } = this;
    const outer = this.word(self + S_OUTER);
    const before = this.#inUse();
    const inner = (this.#scratch[this.#depth + 1] ??= this.#newScratch());
    this.setWord(self + S_OUTER, this.word(self + S_PENDING));
    this.#depth++;
    this.#use(inner);
    try {
      return work();
    } finally {
      this.#scratch[this.#depth--] = this.#inUse();
      this.#use(before);
      this.setWord(self + S_OUTER, outer);
    }
  }

  #inUse(): Scratch {
    const { keys, keysRoom, out, outRoom, cells, cellsRoom } = this;
    return { keys, keysRoom, out, outRoom, cells, cellsRoom };
  }

  #use(scratch: Scratch): void {
    Object.assign(this, scratch);
  }

  /** Scratch memory of one more depth. @throws OutOfMemoryError */
  #newScratch(): Scratch {
    const outRoom = this.#scratch.length === 0 ? OUT : INNER_OUT;
    const [keys, out, cells] = [this.#own(KEYS), this.#own(C_SIZE + outRoom), this.#own(C_SIZE * CELLS)];
    return { keys, keysRoom: KEYS, out, outRoom, cells, cellsRoom: CELLS };
  }

  /** A block that the thread works with. @param before what it worked with in its place, which is free now */
  #own(bytes: number, before = 0): number {
    const block = this.alloc(bytes);
    const { kernel, self } = this;
    kernel.ownBlock(self);
    if (before !== 0) {
      kernel.disownBlock(self, before);
      kernel.sweep(self);
    }
    return block;
  }

  /** The newest block that was allocated is the thread's own now. Those before it may still be on their way into an object. */
  #keep(block: number): void {
    this.setWord(this.self + S_PENDING, this.word(block + B_NEXT));
  }

  /** Makes room for a key of so many bytes. */
  reserveKeys(bytes: number): void {
    if (bytes <= this.keysRoom) return;
    this.keys = this.#own(bytes, this.keys);
    this.keysRoom = bytes;
  }

  /** Makes room for so many cells. */
  reserveCells(count: number): void {
    if (count <= this.cellsRoom) return;
    const room = 2 ** Math.ceil(Math.log2(count));
    this.cells = this.#own(C_SIZE * room, this.cells);
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
   * where it is SCARCE, brings memory, so that the call can be made again. Throws where the memory is full, the arena
   * closed, or the thread that works on the object does not go on.
   * @param insists the call is not to be given up: it is waited for as long as it takes
   * @returns whether to make the call again
   */
  again(answer: number, object: number, insists = false): boolean {
    if (answer === BUSY) {
      this.guards.pass(object, insists);
      return true;
    }
    if (answer === SCARCE) {
      this.#refill();
      return true;
    }
    if (answer === FULL || answer === GONE) this.kernel.discard(this.self);
    if (answer === FULL) throw this.region.full();
    if (answer === GONE && this.closed) throw arenaEnded();
    return false;
  }

  /** Bytes that there are, may be, and are in use. */
  usage(): { size: number; maxSize: number; used: number } {
    this.#takeIn(0);
    this.region.refresh();
    const free = this.guards.step(HEAP, () => this.kernel.freeBytes(this.self));
    return { size: this.region.size, maxSize: this.word(A_QUOTA), used: this.word(A_TOP) - free };
  }

  get closed(): boolean {
    return this.region.closed;
  }

  /** Ends the arena for all threads, and wakes them. */
  close(): void {
    Atomics.store(this.region.words, A_CLOSED >> 2, 1);
    wake(this.region.words, A_CLOSED);
    this.watch.wakeAll();
  }

  /** Resolves when the arena is closed, in a turn of this thread's event loop. It does not keep the program alive. */
  async untilClosed(): Promise<void> {
    while (!this.closed) await listen(this.region.words, A_CLOSED, 0);
  }
}
