/** Work that is divided: each step takes about a millisecond, and nothing of the engine changes between two of them but by other work. */
export type Steps<R = unknown> = Generator<void, R, void>;

/** Does all steps that are left, and returns the result. */
export function finished<R>(steps: Steps<R>): R {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
