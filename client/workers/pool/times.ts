import { createHistogram } from 'node:perf_hooks';
import type { TaskTimes } from './stats.js';

/** Microseconds of the longest time that is told apart: 12 days. */
const LONGEST_US = 2 ** 40;

/** Times of a pool's tasks, in a histogram of 30 KB that is exact to 1 %. */
export class TimeHistogram {
  readonly #histogram = createHistogram({ highest: LONGEST_US, figures: 2 });

  record(ms: number): void {
    this.#histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * 1000))));
  }

  get summary(): TaskTimes {
    const histogram = this.#histogram;
    if (histogram.count === 0) return { mean: 0, median: 0, p99: 0, max: 0 };
    const [mean, median, p99, max] = [histogram.mean, histogram.percentile(50), histogram.percentile(99), histogram.max];
    return { mean: mean / 1000, median: median / 1000, p99: p99 / 1000, max: max / 1000 };
  }
}
