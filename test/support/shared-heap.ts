import { createSharedEngine, type SharedEngine } from '../../engine/shared/index.js';
import {
  A_DIRECTORY,
  A_TOP,
  B_NEXT,
  C_BITS,
  C_KIND,
  C_SIZE,
  D_BLOCK,
  D_COUNT,
  D_MASK,
  D_START,
  DELETED,
  E_CELL,
  E_HASH,
  E_SERIAL,
  H_NAME,
  HEAP,
  ITEM,
  L_COUNT,
  L_HEAD,
  L_TAIL,
  LONG,
  M_COUNT,
  M_MASK,
  M_ORDER,
  M_ORDER_COUNT,
  M_TABLE,
  M_USED,
  N_LIST,
  N_NEXT,
  N_PREVIOUS,
  N_WANT,
  O_CLAIMS,
  O_DATA,
  O_GUARD,
  O_HOLDS,
  O_KIND,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  O_NAME,
  O_SEQ,
  PLACE,
  Q_PROMISED_ITEMS,
  Q_PROMISED_PLACES,
  R_BLOCK,
  S_GARBAGE,
  S_NODES,
  S_PENDING,
  S_READY,
  S_SCRATCH,
  SHIFT,
  T_ENTRY,
  T_SERIAL,
  T_SIZE,
  V_CELL,
  V_TYPE,
  W_MESSAGE,
} from '../../engine/shared/kernel/layout.js';
import { KIND_NUMBERS } from '../../engine/shared/objects/kind-numbers.js';
import { Region } from '../../engine/shared/memory/region.js';
import type { ArenaThread } from '../../engine/shared/memory/arena-thread.js';
import { PATIENCE } from './checked-guards.js';
import { checkSpans } from './shared-spans.js';

/** The kernels, for `describe.each`. */
export const KERNELS = [
  ['WebAssembly', true],
  ['JavaScript', false],
] as const;

/** A new arena of the smallest initial size. */
export function newArena(wasm: boolean, maxSize = 1 << 28): SharedEngine {
  const engine = createSharedEngine(Region.create('test', 1, maxSize, wasm));
  engine.thread.guards.patience = PATIENCE;
  return engine;
}

/** All bytes of the heap that were ever allocated. */
export function usedHeap({ thread }: SharedEngine): Buffer {
  thread.see();
  return Buffer.from(thread.region.bytes.subarray(HEAP, thread.word(A_TOP)));
}

/**
 * Checks the consistency of an arena while no thread works on it: throws if a block is in two places, or an object contradicts itself.
 * Returns the number of bytes that are in no place.
 */
export function checkHeap(engine: SharedEngine): number {
  return lostBlocks(engine).reduce((sum, bytes) => sum + bytes, 0);
}

/** As {@link checkHeap}: the sizes of the blocks that are in no place, with their headers. */
export function lostBlocks({ thread }: SharedEngine): number[] {
  thread.see();
  return new Check(thread).run();
}

class Check {
  readonly #blocks = new Map<number, string>();

  constructor(private readonly thread: ArenaThread) {}

  run(): number[] {
    const { thread } = this;
    const directory = thread.word(A_DIRECTORY);
    this.#object(directory, 'directory');
    for (const entry of this.#dict(directory, 'directory')) {
      const object = thread.word(entry + E_CELL + C_BITS);
      const kind = thread.word(object + O_KIND);
      this.#object(object, 'object');
      this.#waiting(object, kind === KIND_NUMBERS.queue);
      if (kind === KIND_NUMBERS.dict) for (const found of this.#dict(object, 'dict')) this.#cell(found + E_CELL, 'value of a dict');
      else if (kind === KIND_NUMBERS.list || kind === KIND_NUMBERS.queue) this.#list(object);
      else if (kind === KIND_NUMBERS.array) this.#block(thread.word(object + O_DATA + R_BLOCK), 'elements');
      else if (kind === KIND_NUMBERS.value && thread.word(object + O_DATA + V_TYPE) === 0) this.#cell(object + O_DATA + V_CELL, 'value');
      else if (kind === KIND_NUMBERS.barrier) this.#perhaps(thread.word(object + O_DATA + W_MESSAGE), 'message of a barrier');
      else if (kind === KIND_NUMBERS.condition) this.#perhaps(thread.word(object + O_DATA + H_NAME), 'name of the lock of a condition');
    }
    for (const slot of thread.threads.slots()) {
      this.#perhaps(thread.word(slot + S_READY), 'block that is ready for a thread');
      for (const chain of [S_SCRATCH, S_NODES, S_PENDING, S_GARBAGE]) {
        for (let block = thread.word(slot + chain); block !== 0; block = thread.word(block + B_NEXT))
          this.#block(block, `chain ${chain} of a thread`);
      }
    }
    return checkSpans(thread, this.#blocks.keys());
  }

  #object(object: number, what: string): void {
    const { thread } = this;
    this.#block(object, what);
    for (const place of [O_NAME, O_CLAIMS]) this.#perhaps(thread.word(object + place), `name of ${what}`);
    same(thread.word(object + O_GUARD), 0, 'guard');
    same(thread.word(object + O_SEQ) & 1, 0, 'sequence');
  }

  /** Waiters, and waiters that have a promise. */
  #waiting(object: number, queue: boolean): void {
    const { thread } = this;
    const wants = [0, 0];
    for (const list of [O_LIST0, O_LIST1, O_LIST2, O_HOLDS]) {
      let count = 0;
      let last = 0;
      for (let node = thread.word(object + list + L_HEAD); node !== 0; last = node, node = thread.word(node + N_NEXT), count++) {
        this.#block(node, 'node');
        same(thread.word(node + N_LIST), object + list, 'list of a node');
        same(thread.word(node + N_PREVIOUS), last, 'node before a node');
        if (list === O_HOLDS) wants[thread.word(node + N_WANT)]!++;
      }
      same(thread.word(object + list + L_TAIL), last, 'last node');
      same(thread.word(object + list + L_COUNT), count, 'nodes');
    }
    if (!queue) return;
    same(thread.word(object + O_DATA + Q_PROMISED_ITEMS), wants[ITEM], 'promised items');
    same(thread.word(object + O_DATA + Q_PROMISED_PLACES), wants[PLACE], 'promised places');
  }

  /** The entries of a dict. */
  #dict(object: number, what: string): number[] {
    const { thread } = this;
    const data = object + O_DATA;
    const [table, mask, order] = [M_TABLE, M_MASK, M_ORDER].map((field) => thread.word(data + field)) as [number, number, number];
    if (table === 0) {
      same(thread.word(data + M_COUNT), 0, 'count of a dict without a table');
      return [];
    }
    this.#block(table, `table of ${what}`);
    same(order, table + 8 * (mask + 1), `order of ${what}, behind its table`);
    const inTable = new Set<number>();
    let used = 0;
    for (let at = table; at <= table + 8 * mask; at += 8) {
      const entry = thread.word(at + 4);
      if (entry !== 0) used++;
      if (entry <= DELETED) continue;
      inTable.add(entry);
      same(thread.word(at), thread.word(entry + E_HASH), 'hash');
    }
    const entries: number[] = [];
    let serial = 0;
    for (let i = 0; i < thread.word(data + M_ORDER_COUNT); i++) {
      const place = order + T_SIZE * i;
      const next = thread.double(place + T_SERIAL);
      if (next <= serial) throw new Error(`serial ${next} behind ${serial}`);
      serial = next;
      const entry = thread.word(place + T_ENTRY);
      if (entry === 0) continue;
      same(thread.double(entry + E_SERIAL), serial, 'serial');
      same(inTable.has(entry), true, 'entry of the order in the table');
      this.#block(entry, `entry of ${what}`);
      entries.push(entry);
    }
    same(used, thread.word(data + M_USED), 'used places');
    same(inTable.size, thread.word(data + M_COUNT), 'entries in the table');
    same(entries.length, thread.word(data + M_COUNT), 'entries in the order');
    return entries;
  }

  #list(object: number): void {
    const { thread } = this;
    const [block, mask, start, count] = [D_BLOCK, D_MASK, D_START, D_COUNT].map((field) => thread.word(object + O_DATA + field)) as [
      number,
      number,
      number,
      number,
    ];
    if (block === 0) {
      same(count, 0, 'items of a list without cells');
      return;
    }
    this.#block(block, 'cells of a list');
    if (count > mask + 1) throw new Error(`${count} items in ${mask + 1} cells`);
    for (let i = 0; i < count; i++) this.#cell(block + C_SIZE * ((start + i) & mask), 'value of a list');
  }

  #cell(cell: number, what: string): void {
    if (this.thread.word(cell + C_KIND) === LONG) this.#block(this.thread.word(cell + C_BITS) & ~SHIFT, what);
  }

  /** A block, or 0 for none. */
  #perhaps(block: number, what: string): void {
    if (block !== 0) this.#block(block, what);
  }

  #block(block: number, what: string): void {
    const before = this.#blocks.get(block);
    if (before !== undefined) throw new Error(`block ${block} is both ${before} and ${what}`);
    if (block < HEAP || block >= this.thread.word(A_TOP)) throw new Error(`block ${block}, ${what}, is outside of the heap`);
    this.#blocks.set(block, what);
  }
}

function same(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)} instead of ${String(expected)}`);
}
