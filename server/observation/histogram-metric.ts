import type { Metric } from 'prom-client';
import type { Histogram } from './histogram.js';

/** A histogram and its labels. */
export type Series = readonly [labels: Readonly<Record<string, string>>, histogram: Histogram];

/**
 * Returns a metric of histograms that the manager counts itself. The histograms of the library cost each call more.
 * @param unit number of their units in one of the metric
 */
export function histogramMetric(name: string, help: string, unit: number, all: () => Iterable<Series>): Metric {
  const metric = { name, help, type: 'histogram', get: () => ({ ...metric, values: [...valuesOf(name, unit, all())] }), reset() {} };
  return metric as unknown as Metric;
}

function* valuesOf(name: string, unit: number, all: Iterable<Series>): Generator<object> {
  for (const [labels, { bounds, ranges, sum, count }] of all) {
    let upTo = 0;
    for (const [range, bound] of bounds.entries()) {
      upTo += ranges[range]!;
      yield { labels: { ...labels, le: bound / unit }, value: upTo, metricName: `${name}_bucket` };
    }
    yield { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` };
    yield { labels, value: sum / unit, metricName: `${name}_sum` };
    yield { labels, value: count, metricName: `${name}_count` };
  }
}
