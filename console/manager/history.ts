import { signal } from '@preact/signals';
import { ManagerService, type ManagerServiceStatsResponse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { call } from './call.js';
import { executionMs } from './methods.js';
import { startPoll } from './poll.js';

/** Samples that are kept: ten minutes. */
const KEPT = 600;

/** State of the manager at one time. */
export interface StatsSample {
  /** Seconds since 1970. */
  readonly at: number;
  readonly stats: ManagerServiceStatsResponse;
  /** Since the sample before; undefined for the first. */
  readonly callsPerSecond: number | undefined;
  /** Milliseconds that the call took, from here to the manager and back. */
  readonly roundTrip: number;
  /** Mean time of all calls in the manager, in milliseconds; undefined while it is not looked at. */
  readonly executionMs: number | undefined;
}

/** Samples since the page was opened, the latest last. */
export const history = signal<readonly StatsSample[]>([]);
/** The error of the last look at the manager; undefined while it answers. */
export const unreachable = signal<unknown>(undefined);

/** Looks at the manager once a second, for as long as the page is open. */
export function observe(): void {
  startPoll(
    async (abort) => {
      const began = performance.now();
      const stats = await call(ManagerService.methods.stats, {}, abort);
      return { stats, roundTrip: performance.now() - began };
    },
    (outcome) => {
      unreachable.value = 'error' in outcome ? outcome.error : undefined;
      if ('value' in outcome) add(outcome.value);
    },
  );
}

function add({ stats, roundTrip }: Pick<StatsSample, 'stats' | 'roundTrip'>): void {
  const at = Date.now() / 1_000;
  const before = history.value.at(-1);
  // Another process, which counts from 0.
  const isOther = before !== undefined && before.stats.uptimeMs > stats.uptimeMs;
  const callsPerSecond =
    before === undefined || isOther
      ? undefined
      : (stats.callsTotal - before.stats.callsTotal) / Math.max(0.001, (stats.uptimeMs - before.stats.uptimeMs) / 1_000);
  history.value = [...history.value.slice(1 - KEPT), { at, stats, callsPerSecond, roundTrip, executionMs: executionMs.value }];
}
