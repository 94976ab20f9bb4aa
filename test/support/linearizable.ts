/** An operation as a thread saw it: the times of its call and its return, and its result. */
export interface Operation<I, O> {
  readonly input: I;
  readonly output: O;
  readonly called: number;
  readonly returned: number;
  /** Set if it may also not have happened: there is neither an output nor a return. Operations that do the same have the same text. */
  readonly optional?: string | undefined;
}

/** A sequential object: its operations run one after the other. */
export interface Model<S, I, O> {
  readonly initial: S;
  /** The state after an operation; undefined if the operation cannot have that result. */
  step(state: S, input: I, output: O): S | undefined;
  /** A string that is the same for equal states only. */
  key(state: S): string;
}

/**
 * True if the operations have an order that the model allows, and in which an operation that ended before another began comes before it.
 * This is Wing and Gong's search, with Lowe's memory of visited configurations.
 * @param most configurations after which the search gives up, and returns undefined: their number can double with each optional operation
 */
export function isLinearizable<S, I, O>(
  model: Model<S, I, O>,
  operations: readonly Operation<I, O>[],
  most = Infinity,
): boolean | undefined {
  const all = operations.toSorted((a, b) => a.called - b.called);
  const bits = all.map((_, index) => 1n << BigInt(index));
  const needed = all.reduce((mask, { optional }, index) => (optional !== undefined ? mask : mask | bits[index]!), 0n);
  /** Configurations that failed: the set of operations done, and the state. */
  const failed = new Set<string>();

  // An operation called after the return of another cannot come before it.
  function endOf(done: bigint, from: number): number {
    let end = Infinity;
    for (let index = from; index < all.length && all[index]!.called <= end; index++)
      if ((done & bits[index]!) === 0n) end = Math.min(end, all[index]!.returned);
    return end;
  }

  /** @param from place of the first operation that may not be done */
  function search(done: bigint, from: number, state: S): boolean {
    if ((done & needed) === needed) return true;
    const key = model.key(state);
    const here = `${done.toString(16)}/${key}`;
    if (failed.has(here) || failed.size >= most) return false;
    while ((done & bits[from]!) !== 0n) from++;
    const end = endOf(done, from);
    const tried = new Set<string>();
    for (let index = from; index < all.length && all[index]!.called <= end; index++) {
      if ((done & bits[index]!) !== 0n) continue;
      const { input, output, optional } = all[index]!;
      if (optional !== undefined) {
        // Of operations that do the same, the one called first may be the one that happened.
        if (tried.has(optional)) continue;
        tried.add(optional);
      }
      const next = model.step(state, input, output);
      // An optional operation without an effect may as well not have happened.
      if (next === undefined || (optional !== undefined && model.key(next) === key)) continue;
      if (search(done | bits[index]!, from, next)) return true;
    }
    failed.add(here);
    return false;
  }
  const found = search(0n, 0, model.initial);
  return found || failed.size < most ? found : undefined;
}
