/** Counts numbers by the ranges that they are in. */
export class Histogram {
  /** Count in each range, and at the end of the numbers above all bounds. */
  readonly ranges: Float64Array;
  sum = 0;

  /** @param bounds upper ends of the ranges, which belong to them */
  constructor(readonly bounds: readonly number[]) {
    this.ranges = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    const { bounds, ranges } = this;
    let range = 0;
    while (range < bounds.length && value > bounds[range]!) range++;
    ranges[range]!++;
    this.sum += value;
  }

  get count(): number {
    return this.ranges.reduce((sum, count) => sum + count, 0);
  }
}
