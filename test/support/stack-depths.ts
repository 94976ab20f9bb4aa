/** Number of frames of `deepen` that take more of the stack than an operation finds free. */
const FRAMES = 2000;
/** A round calls at every STEP-th depth, each round at others. */
const STEP = 4;

/** Throws any other error; the expected one may be of any realm. */
export function refuseOthers(error: unknown): void {
  if ((error as Error).name !== 'RangeError') throw error;
}

/** Runs an operation near the end of the stack, at the depths of a round; returns how often it found too little room. */
export function atDepths(round: number, run: () => unknown): number {
  let deepest = 0;
  let refused = 0;
  const deepen = (depth: number): void => {
    deepest = depth;
    try {
      deepen(depth + 1);
    } catch (error) {
      refuseOthers(error);
    }
    if (deepest - depth > FRAMES || (depth + round) % STEP !== 0) return;
    try {
      run();
    } catch (error) {
      refused++;
      refuseOthers(error);
    }
  };
  deepen(0);
  return refused;
}
