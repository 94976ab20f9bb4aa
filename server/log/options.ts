/**
 * When a client hears of a change: `sync`: once it is on the disk; `async`: at once, and it is on the disk a tenth of a second later at the
 * latest; `none`: at once, and it is on the disk when the system writes it there.
 */
export type Durability = 'sync' | 'async' | 'none';

/** Options of a manager that keeps its state in a directory. */
export interface LogOptions {
  readonly dataDir: string;
  readonly durability: Durability;
  /** Size in bytes by which the log grows between two snapshots. */
  readonly snapshotAfter: number;
  /** True if another manager is started at the same address after this one. */
  readonly returns: boolean;
}
