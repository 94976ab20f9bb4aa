import { signal } from '@preact/signals';
import { metricsText } from './call.js';

/** The calls of one method since the manager started. */
interface MethodTotals {
  readonly count: number;
  /** Time in which they kept the manager busy. */
  readonly seconds: number;
}

/** The calls of one method between two looks. */
export interface MethodRate {
  /** Such as "DictService/Set". */
  readonly method: string;
  readonly perSecond: number;
  /** Mean time in which a call kept the manager busy; undefined if there was no call. */
  readonly meanMs: number | undefined;
  /** Part of the manager's time that they took, from 0 to 1. */
  readonly share: number;
  /** Number of calls since the manager started. */
  readonly total: number;
}

/** Mean time of all calls between the last two looks, in milliseconds; undefined while nothing looks. */
export const executionMs = signal<number | undefined>(undefined);

/** Finds the rates of methods by looking at their totals again and again. */
export class MethodRates {
  #before: ReadonlyMap<string, MethodTotals> | undefined;
  #at = 0;

  /** Returns the methods that were called, the busiest since the last look first; the first look has no rates. */
  async look(abort: AbortSignal): Promise<readonly MethodRate[]> {
    const totals = totalsIn(await metricsText(abort));
    const now = performance.now();
    const seconds = (now - this.#at) / 1_000;
    const before = this.#before;
    this.#before = totals;
    this.#at = now;
    const rates = [...totals].map(([method, { count, seconds: busy }]): MethodRate => {
      const last = before === undefined ? { count, seconds: busy } : (before.get(method) ?? { count: 0, seconds: 0 });
      const calls = count - last.count;
      const took = busy - last.seconds;
      return {
        method,
        perSecond: calls / seconds,
        meanMs: calls > 0 ? (took * 1_000) / calls : undefined,
        share: took / seconds,
        total: count,
      };
    });
    const calls = rates.reduce((sum, { perSecond }) => sum + perSecond, 0);
    executionMs.value = calls > 0 ? (rates.reduce((sum, { share }) => sum + share, 0) * 1_000) / calls : undefined;
    return rates.sort((a, b) => b.share - a.share || b.total - a.total);
  }
}

const SERIES = /^commonhold_call_duration_seconds_(sum|count)\{service="(?:commonhold\.v1\.)?([^"]+)",method="([^"]+)"\} (\S+)$/gm;

/** Reads the totals of the methods in the text form of Prometheus. */
function totalsIn(text: string): ReadonlyMap<string, MethodTotals> {
  const totals = new Map<string, MethodTotals>();
  for (const [, part, service, method, value] of text.matchAll(SERIES)) {
    const name = `${service}/${method}`;
    const before = totals.get(name) ?? { count: 0, seconds: 0 };
    totals.set(name, { ...before, [part === 'sum' ? 'seconds' : 'count']: Number(value) });
  }
  return totals;
}
