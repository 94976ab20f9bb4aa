import type { Contender } from './contender.js';
import type { Scope } from './scope.js';

/** One line of the design's table of figures. */
export interface Row {
  readonly name: string;
  /** The row, or the name of several, that this one is measured with when only that is asked for. */
  readonly partOf?: string;
  readonly unit: 'calls/s' | 'items/s' | 'locks/s' | 'reads/s' | 'ms' | 'µs' | 'bytes';
  /** The work, precisely. */
  readonly work: string;
  readonly targets: readonly Target[];
  /**
   * One awaited call at a time: what it costs is mostly the waking of idle cores, so it is measured
   * a second time with a low-priority spinner on each core.
   */
  readonly awaited: boolean;
  /** Operations each contender does before the first round counts; 0 is one round thrown away. */
  readonly warmUp: number;
  /** Starts what the row measures; everything ends with the scope. */
  readonly start: (scope: Scope) => Promise<Contenders>;
}

export interface Contenders {
  readonly ours: Contender;
  readonly peers: readonly Contender[];
  readonly limits: readonly Contender[];
}

/** The ratio to reach against the best of the contenders named. */
export interface Target {
  readonly against: readonly string[];
  readonly atLeast: number;
}

/** What `results.json` says of a row. Ratios above 1 mean that ours is better, whatever the unit. */
export interface RowResult {
  readonly row: string;
  readonly unit: Row['unit'];
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  /** The least and the greatest of the paired ratios. */
  readonly spread: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  readonly targets: readonly TargetResult[];
  readonly work: string;
  readonly spinners: boolean;
  readonly rounds: number;
  readonly quick: boolean;
  readonly notes: readonly string[];
  readonly measured: string;
  readonly machine: string;
}

export interface TargetResult {
  /** The contender that came out best, or all of them if none is on this machine. */
  readonly against: string;
  readonly atLeast: number;
  /** Null when there was nothing to measure against. */
  readonly ratio: number | null;
  readonly reached: boolean | null;
}

/** The unit of a figure that is better when smaller. */
export function lowerIsBetter(unit: Row['unit']): boolean {
  return unit === 'ms' || unit === 'µs' || unit === 'bytes';
}
