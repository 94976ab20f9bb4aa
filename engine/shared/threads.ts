import { LimitExceededError } from '../../proto/errors.js';
import {
  A_DIRECTORY,
  A_LOOKED,
  A_REAPED,
  S_DOORBELL,
  S_GENERATION,
  S_JOURNAL,
  S_LISTENING,
  S_NODES,
  S_OUTER,
  S_PID,
  S_REAPER,
  S_SCRATCH,
  S_START,
  S_THREAD,
  S_TID,
  S_TOKEN,
  SLOT_COUNT,
  SLOT_SIZE,
  SLOTS,
} from './kernel/layout.js';
import { identify, lives } from './identity.js';
import { SLICE, now } from './parking.js';
import type { Region } from './region.js';

/** Bits of a token that say which slot; the others count who had it. */
const INDEX_BITS = 9;
const GENERATIONS = 2 ** 20;

/** The threads that are in an arena. */
export class Threads {
  /** Offset of this thread's slot. */
  self = 0;

  /** @param clear clears away what a thread left that is gone */
  constructor(
    private readonly region: Region,
    private readonly clear: (slot: number, token: number, begun: boolean) => void,
  ) {}

  /** Takes a free slot for this thread. */
  join(): number {
    const { words, doubles } = this.region;
    const { pid, threadId, tid, start } = identify();
    for (let index = 0; index < SLOT_COUNT; index++) {
      const slot = SLOTS + SLOT_SIZE * index;
      if (Atomics.load(words, (slot + S_TOKEN) >> 2) !== 0) continue;
      const generation = (words[(slot + S_GENERATION) >> 2]! + 1) % GENERATIONS;
      const token = (generation << INDEX_BITS) | (index + 1);
      if (Atomics.compareExchange(words, (slot + S_TOKEN) >> 2, 0, token) !== 0) continue;
      words[(slot + S_GENERATION) >> 2] = generation;
      for (const field of [S_DOORBELL, S_LISTENING, S_REAPER, S_SCRATCH, S_OUTER, S_NODES, S_JOURNAL]) words[(slot + field) >> 2] = 0;
      words[(slot + S_PID) >> 2] = pid;
      doubles[(slot + S_START) >> 3] = start;
      words[(slot + S_THREAD) >> 2] = threadId;
      // Last: until it is there, nobody takes the thread for a dead one.
      Atomics.store(words, (slot + S_TID) >> 2, tid);
      this.self = slot;
      return slot;
    }
    throw new LimitExceededError(`this arena has ${SLOT_COUNT} threads already`);
  }

  /** Gives this thread's slot back. */
  leave(): void {
    this.#reap(this.self);
  }

  /** The slot of a token. */
  slotOf(token: number): number {
    return SLOTS + SLOT_SIZE * ((token & (2 ** INDEX_BITS - 1)) - 1);
  }

  /** The slots of all threads that are there. */
  *slots(): Generator<number, void, undefined> {
    for (let index = 0; index < SLOT_COUNT; index++) {
      const slot = SLOTS + SLOT_SIZE * index;
      if (Atomics.load(this.region.words, (slot + S_TOKEN) >> 2) !== 0) yield slot;
    }
  }

  /** A thread of this number has ended, as its parent was told. */
  ended(threadId: number): void {
    for (const slot of this.slots()) if (this.region.words[(slot + S_THREAD) >> 2] === threadId && slot !== this.self) this.#reap(slot);
  }

  /** Looks for threads that are gone, unless another has just done so. */
  look(): void {
    const { words } = this.region;
    const at = A_LOOKED >> 2;
    const time = Math.floor(now()) % 2 ** 31;
    const before = Atomics.load(words, at);
    if (Math.abs(time - before) < SLICE || Atomics.compareExchange(words, at, before, time) !== before) return;
    const dead = [...this.slots()].filter((slot) => slot !== this.self && !this.#lives(slot));
    // Those first that nobody is about yet: what this thread is about already may wait for one of them.
    const mine = (slot: number): boolean => Atomics.load(words, (slot + S_REAPER) >> 2) === words[(this.self + S_TOKEN) >> 2];
    for (const slot of dead) if (!mine(slot)) this.#reap(slot);
    for (const slot of dead) if (mine(slot)) this.#reap(slot);
  }

  #lives(slot: number): boolean {
    const { words, doubles } = this.region;
    const tid = Atomics.load(words, (slot + S_TID) >> 2);
    if (words[(slot + S_PID) >> 2] !== process.pid) return true;
    return lives({ tid, start: doubles[(slot + S_START) >> 3]! });
  }

  /** Clears away what a thread left, once, whoever is first. */
  #reap(slot: number): void {
    const { words } = this.region;
    const token = Atomics.load(words, (slot + S_TOKEN) >> 2);
    const reaper = (slot + S_REAPER) >> 2;
    const other = Atomics.load(words, reaper);
    const mine = Atomics.load(words, (this.self + S_TOKEN) >> 2);
    if (token === 0) return;
    if (other === mine) return this.clear(slot, token, true);
    // One who began it and is gone itself has not done it.
    if (other !== 0 && this.#present(other)) return;
    if (Atomics.compareExchange(words, reaper, other, mine) !== other) return;
    // The other one had done it, and the slot is another thread's by now.
    if (Atomics.load(words, (slot + S_TOKEN) >> 2) !== token) return void Atomics.compareExchange(words, reaper, mine, 0);
    if (words[A_DIRECTORY >> 2] !== 0) this.clear(slot, token, false);
    Atomics.add(words, A_REAPED >> 2, 1);
    Atomics.store(words, (slot + S_TID) >> 2, 0);
    Atomics.store(words, (slot + S_TOKEN) >> 2, 0);
    this.#inherit(token);
  }

  /** Whether the thread of a token is in the arena and lives: its slot may be free, or another's, by now. */
  #present(token: number): boolean {
    const slot = this.slotOf(token);
    return Atomics.load(this.region.words, (slot + S_TOKEN) >> 2) === token && this.#lives(slot);
  }

  /** What a thread was clearing away itself when it ended: nobody may come by again to see that it did not. */
  #inherit(token: number): void {
    const { words } = this.region;
    for (const slot of this.slots()) if (slot !== this.self && Atomics.load(words, (slot + S_REAPER) >> 2) === token) this.#reap(slot);
  }
}
