import { isSharedArrayBuffer } from 'node:util/types';
import type { SharedArray } from 'commonhold';

/** Argument of a worker of this module. */
export interface Given {
  readonly counts: Int32Array;
  readonly nested: { readonly places: ReadonlyMap<string, readonly (Int32Array | DataView)[]> };
  readonly buffer: SharedArrayBuffer;
  readonly again: Int32Array;
}

let initial: Int32Array | undefined;

/** For a pool: counts in the memory that `initialize` was given. */
export function initialize(counts?: Int32Array): void {
  initial = counts;
  if (counts !== undefined) Atomics.add(counts, 1, 1);
}

const tasks = {
  /** Counts, `times` times. */
  add(counts: Int32Array, times: number): void {
    for (let time = 0; time < times; time++) Atomics.add(counts, 0, 1);
  },
  /** Counts once in the memory of `initialize`, and returns the count before. */
  addInitial: (): number => Atomics.add(initial!, 0, 1),
  /** Waits until another thread wakes it. */
  wait: (counts: Int32Array): string => {
    Atomics.store(counts, 1, 1);
    Atomics.notify(counts, 1);
    return Atomics.wait(counts, 0, 0, 60_000);
  },
  /** Writes to all of its argument; returns which parts have one buffer, and which are one view. */
  everywhere({ counts, nested, buffer, again }: Given) {
    const [deep, data] = nested.places.get('here') as [Int32Array, DataView];
    Atomics.add(counts, 0, 1);
    Atomics.add(deep, 0, 1);
    data.setInt32(0, 7, true);
    Atomics.add(new Int32Array(buffer), 3, 9);
    return { oneBuffer: [deep, data].every((view) => view.buffer === buffer) && counts.buffer === buffer, oneView: again === counts };
  },
  /** Makes memory of its own, and a view over its argument. */
  make: (counts: Int32Array) => {
    const own = new Int32Array(new SharedArrayBuffer(8));
    Atomics.store(own, 1, 5);
    return { own, given: counts.subarray(1), list: [own.buffer] };
  },
  view: (counts: Int32Array) => counts,
  isShared: (view: Int32Array) => isSharedArrayBuffer(view.buffer),
  /** Changes an array of an arena by its view and by its proxy. */
  async both(view: Int32Array, array: SharedArray<'i32'>) {
    view[0] = 3;
    return array.get(0);
  },
  fail(counts: Int32Array): never {
    throw Object.assign(new Error('with memory'), { counts });
  },
};

export default function run(task: keyof typeof tasks, ...args: unknown[]): unknown {
  return (tasks[task] as (...args: unknown[]) => unknown)(...args);
}
