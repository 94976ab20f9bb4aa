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
/** Kind of span from which on all free memory is joined first: for a block of that size (64 KiB) it is worth the time. */
const HUGE_KIND = LARGE_KIND + 64;
/** Size of `out` for a step that interrupts another: it reads little. */
const INNER_OUT = 256;
/** Number of nested steps whose scratch memory is allocated in advance, because reaping a thread needs it even in a full arena. */
const SPARE = 2;

/** Scratch memory for the steps of one depth, and its sizes. */
interface Scratch {
  keys: number;
  keysRoom: number;
  out: number;
  outRoom: number;
  cells: number;
  cellsRoom: number;
}

/** The scratch memory of a thread that has left: each write asks the kernel for memory first, which throws. */
const NONE: Scratch = { keys: 0, keysRoom: -1, out: 0, outRoom: -1, cells: 0, cellsRoom: -1 };

/**
 * An arena as one thread works in it: its memory, its place among the threads, and its scratch blocks. Objects are changed by the kernel
 * alone; this class is what all kinds need for calling it.
 */
export class ArenaThread {
  /** The kernel's functions; each throws ClosedError after the thread has left. */
  readonly kernel: Kernel;
  readonly guards: Guards;
  /** Decides when this thread looks for dead threads while it waits. */
  readonly watch: ThreadWatch;
  readonly threads: Threads;
  /** Offset of this thread's slot: the first argument of most kernel functions. */
  readonly self: number;
  /** Token that stands for this thread in locks and guards. */
  readonly token: number;
  /** Where keys are written for the kernel, and the room in bytes. */
  keys = 0;
  keysRoom = 0;
  /** Where the kernel writes a cell and the bytes of its block, and the room in bytes. */
  out = 0;
  outRoom = 0;
  /** Where cells are written for the kernel, and the number of cells that fit. */
  cells = 0;
  cellsRoom = 0;
  /** The scratch memory of each depth; the fields above may have grown since for the present one. */
  readonly #scratch: Scratch[] = [];
  /** Number of steps that the present one interrupts. */
  #depth = 0;
  /** @param clear clears away a part of what a dead thread left */
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
      while (!this.equipped) this.#scratch.push(this.#newScratch());
      this.#use(this.#scratch[0]!);
    } catch (error) {
      // No memory for this thread: its blocks are all that it has.
      this.kernel.discard(this.self);
      this.kernel.freeOwn(this.self);
      this.threads.vacate();
      throw error;
    }
  }

  /** True once this thread has the scratch memory for clearing dead threads away. */
  get equipped(): boolean {
    return this.#scratch.length > SPARE;
  }

  /** Finds the anonymous objects that a payload refers to. Set by the engine. */
  findReferred: (payload: Payload) => ObjectAddress[] = () => [];

  /** Returns the anonymous objects that a payload refers to, before it is written. */
  referred(payload: Payload): ObjectAddress[] {
    return this.#apart(() => this.findReferred(payload));
  }

  /** Drops the content of an object that has ended. Called under the guard of the directory, perhaps more than once. */
  dispose: (name: string, place: ObjectAddress) => void = () => {};

  /** Called for an anonymous object of which no thread has a proxy any more. */
  orphaned: (name: string) => void = () => {};

  /**
   * Makes this thread leave the arena, and abandon what it holds. Afterwards it works on a closed, empty arena, and all kernel functions
   * throw: its slot may be another thread's by then.
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
    this.#use(NONE);
  }

  /** True until this thread leaves the arena. */
  get present(): boolean {
    return this.word(this.self + S_TOKEN) === this.token;
  }

  /** Returns the word at an offset, also if another thread has grown the memory to reach it. */
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
   * Allocates a block, which is in no object yet. Until a change puts it into one, {@link Kernel.discard} frees it.
   * @throws OutOfMemoryError
   */
  alloc(bytes: number): number {
    // The kernel would use only the lowest 32 bits.
    if (bytes > MOST_BYTES) throw this.region.tooLong(bytes, MOST_BYTES);
    const { kernel, self } = this;
    let block: number;
    while ((block = kernel.alloc(self, bytes)) < 0) this.again(block, HEAP);
    this.region.reach(block + bytes);
    return block;
  }

  /** Allocates memory for the header of an object. @throws OutOfMemoryError */
  allocHeader(): number {
    const { kernel, self } = this;
    let header: number;
    while ((header = kernel.allocHeader(self)) < 0) this.again(header, HEAP);
    this.region.reach(header + O_SIZE);
    return header;
  }

  /** Provides the memory that a kernel function found too little of. */
  #refill(): void {
    const { kernel, self } = this;
    const wanted = this.word(self + S_WANTED);
    const brings = (extending: number): boolean => this.#heapStep(() => kernel.refill(self, wanted, extending)) !== FULL;
    // Freed large blocks are taken in first, because the next ones go where they were. Small ones stay at hand for their class, unless they
    // may be in the way of a huge one.
    if (wanted >= LARGE_KIND) this.#takeIn(wanted >= HUGE_KIND ? 0 : CLASSES);
    if (brings(0)) return;
    this.#takeIn(0);
    if (brings(1)) return;
    kernel.discard(self);
    throw this.region.full();
  }

  /** Makes free memory of freed blocks, from a size class on. */
  #takeIn(first: number): void {
    while (this.#heapStep(() => this.kernel.takeIn(this.self, first)) !== 0);
  }

  /** Calls a kernel function that takes the heap's guard. @throws ClosedError if this thread has left the arena */
  #heapStep(call: () => number): number {
    const answer = this.guards.step(HEAP, call);
    if (answer === GONE) throw arenaEnded();
    return answer;
  }

  /** Updates the views to all memory allocated so far, which includes each object whose guard this thread has. */
  see(): void {
    this.region.reach(this.word(A_TOP));
  }

  /**
   * Runs work in the middle of a step, with scratch memory of its own and without the step's pending blocks. All work that may interrupt a
   * step goes through here, so that no two steps share scratch memory.
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

  /** Allocates the scratch memory of one more depth. @throws OutOfMemoryError */
  #newScratch(): Scratch {
    const outRoom = this.#scratch.length === 0 ? OUT : INNER_OUT;
    const [keys, out, cells] = [this.#own(KEYS), this.#own(C_SIZE + outRoom), this.#own(C_SIZE * CELLS)];
    return { keys, keysRoom: KEYS, out, outRoom, cells, cellsRoom: CELLS };
  }

  /** Allocates a block of the thread's own. @param before the block that it replaces, which is freed */
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

  /** Takes the newest block off the pending chain. Earlier pending blocks may still be destined for an object. */
  #keep(block: number): void {
    this.setWord(this.self + S_PENDING, this.word(block + B_NEXT));
  }

  /** Makes room for a key of this size. */
  reserveKeys(bytes: number): void {
    if (bytes <= this.keysRoom) return;
    this.keys = this.#own(bytes, this.keys);
    this.keysRoom = bytes;
  }

  /** Makes room for this number of cells. */
  reserveCells(count: number): void {
    if (count <= this.cellsRoom) return;
    const room = 2 ** Math.ceil(Math.log2(count));
    this.cells = this.#own(C_SIZE * room, this.cells);
    this.cellsRoom = room;
  }

  /** Takes a node from this thread's reserve, or allocates one. */
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
   * Handles the result of a kernel function. On BUSY, waits until the thread that works on the object gives its guard back; on SCARCE,
   * provides memory. Throws if the memory is full, the arena is closed, or the other thread does not give the guard back.
   * @param insists the call must not be given up: waits for the guard without limit
   * @returns true if the call has to be made again
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

  /** Returns the size of the memory, its limit, and the used part, in bytes. */
  usage(): { size: number; maxSize: number; used: number } {
    this.#takeIn(0);
    this.region.refresh();
    const free = this.#heapStep(() => this.kernel.freeBytes(this.self));
    return { size: this.region.size, maxSize: this.word(A_QUOTA), used: this.word(A_TOP) - free };
  }

  get closed(): boolean {
    return this.region.closed;
  }

  /** Closes the arena for all threads, and wakes them. */
  close(): void {
    Atomics.store(this.region.words, A_CLOSED >> 2, 1);
    wake(this.region.words, A_CLOSED);
    this.watch.wakeAll();
  }

  /** Resolves when the arena is closed. Does not keep the program alive. */
  async untilClosed(): Promise<void> {
    while (!this.closed) await listen(this.region.words, A_CLOSED, 0);
  }
}
