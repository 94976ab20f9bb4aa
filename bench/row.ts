import type { Contender } from './contender.js';
import type { Scope } from './scope.js';

/** One line of the table of figures. */
export interface Row {
  readonly name: string;
  /** Name of another row, or of a group of rows, that includes this row on the command line. */
  readonly partOf?: string;
  readonly unit: 'calls/s' | 'items/s' | 'locks/s' | 'reads/s' | 'ms' | 'µs' | 'bytes';
  /** The work, precisely. */
  readonly work: string;
  readonly targets: readonly Target[];
  /**
   * True if the row makes one awaited call at a time. Waking idle cores dominates its cost, so it is measured a second time with a
   * low-priority spinner on each core.
   */
  readonly awaited: boolean;
  /** Operations of each contender before the first round counts; 0 discards one round. */
  readonly warmUp: number;
  /** Starts the contenders of the row; the scope ends everything. */
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

/** A row in `results.json`. Ratios above 1 mean that commonhold is better, whatever the unit. */
export interface RowResult {
  readonly row: string;
  readonly unit: Row['unit'];
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  /** Smallest and largest of the paired ratios. */
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
  /** The best of the contenders, or all of them if none is on this machine. */
  readonly against: string;
  readonly atLeast: number;
  /** Null if there was no contender to compare with. */
  readonly ratio: number | null;
  readonly reached: boolean | null;
}

/** Returns true if smaller figures of the unit are better. */
export function lowerIsBetter(unit: Row['unit']): boolean {
  return unit === 'ms' || unit === 'µs' || unit === 'bytes';
}
