/** An operation as a thread saw it: when it called, when it had the answer, and what that was. */
export interface Operation<I, O> {
  readonly input: I;
  readonly output: O;
  readonly called: number;
  readonly returned: number;
}

/** What an object does whose operations come one after the other. */
export interface Model<S, I, O> {
  readonly initial: S;
  /** The state after an operation; undefined where it would not have answered this. */
  step(state: S, input: I, output: O): S | undefined;
  /** The same for equal states only. */
  key(state: S): string;
}

/**
 * Whether the operations have an order that the model allows and that keeps every operation that ended before another
 * began before it: Wing and Gong's search, which remembers where it was already, as Lowe proposed.
 */
export function isLinearizable<S, I, O>(model: Model<S, I, O>, operations: readonly Operation<I, O>[]): boolean {
  const all = operations.toSorted((a, b) => a.called - b.called);
  const everything = (1n << BigInt(all.length)) - 1n;
  /** Which operations were done, and the state then: nothing came of it. */
  const failed = new Set<string>();

  function search(done: bigint, state: S): boolean {
    if (done === everything) return true;
    const here = `${done}/${model.key(state)}`;
    if (failed.has(here)) return false;
    // Whoever was called only after another one had its answer is not the next one.
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
