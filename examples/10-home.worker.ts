import type { SharedDict, SharedValue } from 'commonhold';

/** Throws two dice `times` times. */
export default function sample(samples: SharedValue<number>, histogram: SharedDict<string, number>, times: number, seed: number): void {
  let state = seed + 1;
  const dice = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * 6);
  };
  for (let turn = 0; turn < times; turn++) {
    // A worker may block, so it needs no promises: each call is done when it returns.
    histogram.sync.add(`sum ${dice() + dice()}`);
    samples.sync.add(1);
  }
}
