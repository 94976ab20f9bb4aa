/** An operation as a thread saw it: the times of its call and its return, and its result. */
export interface Operation<I, O> {
  readonly input: I;
  readonly output: O;
  readonly called: number;
  readonly returned: number;
  /** True if it may also not have happened: the caller does not know, and the output is none. */
  readonly optional?: boolean;
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
 */
export function isLinearizable<S, I, O>(model: Model<S, I, O>, operations: readonly Operation<I, O>[]): boolean {
  const all = operations.toSorted((a, b) => a.called - b.called);
  const needed = all.reduce((mask, { optional }, index) => (optional === true ? mask : mask | (1n << BigInt(index))), 0n);
  /** Configurations that failed: the set of operations done, and the state. */
  const failed = new Set<string>();

  function search(done: bigint, state: S): boolean {
    if ((done & needed) === needed) return true;
    const here = `${done}/${model.key(state)}`;
    if (failed.has(here)) return false;
    // An operation called after the return of another cannot come before it.
    let end = Infinity;
    for (const [index, { returned }] of all.entries()) if ((done & (1n << BigInt(index))) === 0n) end = Math.min(end, returned);
    for (const [index, { called, input, output }] of all.entries()) {
      if (called > end) break;
      if ((done & (1n << BigInt(index))) !== 0n) continue;
      const next = model.step(state, input, output);
      if (next !== undefined && search(done | (1n << BigInt(index)), next)) return true;
    }
    failed.add(here);
    return false;
  }
  return search(0n, model.initial);
}
