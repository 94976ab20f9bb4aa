import { createHistogram } from 'node:perf_hooks';
import type { Manager } from '../../client/connect/manager.js';
import type { WorkloadStep, Workload } from './workloads.js';

/** Share of the measured time for which a workload runs before it, so that the code of both sides is compiled. */
const WARM_UP = 0.25;

/** Parameters of a measurement. */
export interface Measurement {
  readonly clients: readonly Manager[];
  /** Loops of each client, each of which makes one call after the other: 1 is awaited calls, more are pipelined ones. */
  readonly loops: number;
  readonly seconds: number;
  /** Value to store. */
  readonly value: unknown;
  /** Ends it early: the measurement rejects with the reason of the signal. */
  readonly signal: AbortSignal;
}

/** The figures of a workload. Times are in milliseconds, for a step. */
export interface Figures {
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Measures a workload: its rate, and the times that its steps took. */
export async function measure(workload: Workload, { clients, loops, seconds, value, signal }: Measurement): Promise<Figures> {
  const starts = await Promise.all(clients.map((client) => workload.start(client, value)));
  const steps = starts.flatMap((start) => Array.from({ length: loops }, start));
  await repeat(steps, seconds * WARM_UP, signal, () => {});
  const times = createHistogram();
  const began = performance.now();
  await repeat(steps, seconds, signal, (ms) => times.record(Math.max(1, Math.round(ms * 1e6))));
  const elapsed = (performance.now() - began) / 1_000;
  return {
    callsPerSecond: (times.count * workload.calls) / elapsed,
    p50: times.percentile(50) / 1e6,
    p99: times.percentile(99) / 1e6,
    max: times.max / 1e6,
  };
}

/** Repeats each step in a loop, until the time is over or the signal aborts. @param record called with the time of each */
async function repeat(steps: readonly WorkloadStep[], seconds: number, signal: AbortSignal, record: (ms: number) => void): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const loop = async (step: WorkloadStep): Promise<void> => {
    let now = performance.now();
    while (now < end && !signal.aborted) {
      const began = now;
      await step();
      now = performance.now();
      record(now - began);
    }
  };
  await Promise.all(steps.map(loop));
  signal.throwIfAborted();
}
