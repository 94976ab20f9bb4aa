import {
  A_CURRENT,
  A_FREE_UNITS,
  A_FREED,
  A_HEAP,
  A_LAST,
  A_LISTED,
  A_NEW_SPANS,
  A_RUNS,
  A_SPANS,
  A_TOP,
  B_NEXT,
  B_SPAN,
  BLOCK_HEADER,
  CLASSES,
  CURRENT,
  DESCRIPTORS,
  FREE,
  HEADER_CLASS,
  HEAP,
  LARGE_KIND,
  LASTS,
  LINE,
  LISTED,
  RUN_LISTS,
  UNIT,
  UNUSED,
  X_BASE,
  X_BEFORE,
  X_BEHIND,
  X_HEAD,
  X_KIND,
  X_NEXT,
  X_PLACE,
  X_PREVIOUS,
  X_SIZE,
  X_UNITS,
} from '../../engine/shared/kernel/layout.js';
import type { ArenaThread } from '../../engine/shared/memory/arena-thread.js';

/**
 * Checks the consistency of the spans of an arena while no thread works on it, and that these blocks are in use; throws otherwise. Returns
 * the sizes of memory that is neither free nor in one of the blocks.
 */
export function checkSpans(thread: ArenaThread, blocks: Iterable<number>): number[] {
  // Takes in freed blocks.
  thread.usage();
  for (let kind = 0; kind <= LASTS; kind++) same(thread.word(A_FREED + 8 * kind), 0, 'blocks that were freed and are not taken in');
  same(thread.word(A_HEAP), 0, 'guard of the heap');
  const spans = walk(thread);
  const free = listsOf(thread, A_RUNS, RUN_LISTS);
  const listed = listsOf(thread, A_LISTED, CLASSES);
  checkRuns(thread, spans, free);
  const used = new Map(spans.map((span) => [span, new Set<number>()]));
  for (const block of blocks) {
    const found = used.get(thread.word(block + B_SPAN));
    if (found === undefined) throw new Error(`block ${block} is in no span`);
    found.add(block);
  }
  const lost: number[] = [];
  for (const span of spans) {
    const kind = thread.word(span + X_KIND);
    const mine = used.get(span)!;
    if (kind >= LARGE_KIND) lost.push(...checkLarge(thread, span, mine));
    else if (kind >= 0) lost.push(...checkClass(thread, span, mine, listed.get(span)));
    else same(mine.size, 0, `blocks in use of a span of the kind ${kind}`);
  }
  return lost;
}

/** All spans, by their addresses: each begins where the one before ends. */
function walk(thread: ArenaThread): number[] {
  const spans: number[] = [];
  let end = HEAP;
  let last = 0;
  for (let span: number = HEAP; span !== 0; last = span, span = thread.word(span + X_BEHIND)) {
    same(thread.word(span + X_BASE), end, 'where a span begins');
    same(thread.word(span + X_BEFORE), last, 'span before a span');
    if (thread.word(span + X_UNITS) < 1) throw new Error(`span ${span} has ${thread.word(span + X_UNITS)} units`);
    end += UNIT * thread.word(span + X_UNITS);
    spans.push(span);
  }
  same(thread.word(A_LAST), last, 'last span');
  same(thread.word(A_TOP), end, 'end of the last span');
  return spans;
}

/** The spans that are in lists, each once, with their list. */
function listsOf(thread: ArenaThread, lists: number, count: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let list = 0; list < count; list++) {
    let last = 0;
    for (let span = thread.word(lists + 4 * list); span !== 0; last = span, span = thread.word(span + X_NEXT)) {
      same(thread.word(span + X_PREVIOUS), last, 'span before a span of a list');
      if (found.has(span)) throw new Error(`span ${span} is in the lists ${found.get(span)} and ${list}`);
      found.set(span, list);
    }
  }
  return found;
}

/** Checks that free memory is in lists and joined, and that every descriptor describes a span or nothing. */
function checkRuns(thread: ArenaThread, spans: readonly number[], free: ReadonlyMap<number, number>): void {
  const kindOf = (span: number): number => thread.word(span + X_KIND);
  const unitsOf = (some: readonly number[]): number => some.reduce((sum, span) => sum + thread.word(span + X_UNITS), 0);
  const runs = spans.filter((span) => kindOf(span) === FREE);
  for (const run of runs) {
    same(free.has(run), true, 'free span in a list');
    same(thread.word(run + X_BEHIND) !== 0 && kindOf(thread.word(run + X_BEHIND)) === FREE, false, 'free spans beside each other');
  }
  same(free.size, runs.length, 'free spans in lists');
  same(thread.word(A_FREE_UNITS), unitsOf(runs), 'free units');
  let unused = Math.floor((HEAP + UNIT * thread.word(HEAP + X_UNITS) - thread.word(A_NEW_SPANS)) / X_SIZE);
  for (let descriptor = thread.word(A_SPANS); descriptor !== 0; descriptor = thread.word(descriptor + X_NEXT), unused++)
    same(kindOf(descriptor), UNUSED, 'kind of a descriptor that is not used');
  const tables = spans.filter((span) => kindOf(span) === DESCRIPTORS);
  const descriptors = tables.reduce((sum, table) => sum + Math.floor((UNIT * thread.word(table + X_UNITS)) / X_SIZE), 0);
  same(spans.length + unused, descriptors, 'descriptors');
}

function checkLarge(thread: ArenaThread, span: number, used: ReadonlySet<number>): number[] {
  if (used.size === 0) return [UNIT * thread.word(span + X_UNITS)];
  same([...used].join(), String(thread.word(span + X_BASE) + BLOCK_HEADER), 'the one block of a span');
  return [];
}

/** @param list the class in whose list it is */
function checkClass(thread: ArenaThread, span: number, used: ReadonlySet<number>, list: number | undefined): number[] {
  const [kind, base, place] = [X_KIND, X_BASE, X_PLACE].map((field) => thread.word(span + field)) as [number, number, number];
  const first = base + (kind === HEADER_CLASS ? LINE : BLOCK_HEADER);
  const size = thread.kernel.room(first) + BLOCK_HEADER;
  const total = Math.floor((UNIT * thread.word(span + X_UNITS) - (first - base - BLOCK_HEADER)) / size);
  const head = thread.word(span + X_HEAD);
  const free = new Set<number>();
  for (let index = head & 0xffff; index !== 0; index = thread.word(base + 8 * index + B_NEXT)) {
    const block = base + 8 * index;
    if (free.has(block)) throw new Error(`block ${block} is free twice`);
    if (used.has(block)) throw new Error(`block ${block} is both free and in use`);
    same((block - first) % size, 0, 'where a block begins');
    same(thread.word(block + B_SPAN), span, 'span of a block');
    free.add(block);
  }
  // If a thread died while it made the span current, retired it or gave it back, the next thread that needs a span continues.
  const current = thread.word(A_CURRENT + 4 * kind) === span;
  if (current && head === 0) return [];
  same(total - free.size, head >>> 16, 'blocks in use');
  if (place === CURRENT) same(current, true, 'current span');
  same(list, place === LISTED ? kind : undefined, 'list of a span');
  const lost = Array.from({ length: total - free.size - used.size }, () => size);
  return current || place === LISTED || free.size === 0 ? lost : [...lost, size * free.size];
}

function same(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)} instead of ${String(expected)}`);
}
