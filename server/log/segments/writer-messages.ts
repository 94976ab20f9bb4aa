import type { MessagePort } from 'node:worker_threads';

/** When appends are flushed: before they resolve, a tenth of a second later at the latest, or with their segment. */
export type FlushPolicy = 'sync' | 'async' | 'none';

/** Sizes of segment files in bytes. Each is twice the one before, from `first` up to `largest`; a larger record gets one of its own. */
export interface SegmentSizes {
  readonly first: number;
  readonly largest: number;
}

/** Data of the thread that writes. */
export interface WriterData {
  readonly directory: string;
  readonly ring: SharedArrayBuffer;
  /** Carries orders and large records. */
  readonly port: MessagePort;
  readonly policy: FlushPolicy;
  readonly sizes: SegmentSizes;
  /** Number of the engine's format. */
  readonly format: number;
}

/** A file of a log that is no longer written to. */
export interface ClosedSegment {
  readonly number: number;
  readonly size: number;
  /** Position of its last record. */
  readonly last: number;
}

/** State of the log when a leader begins. */
export interface WriterStart {
  readonly epoch: number;
  /** Position of the last record. */
  readonly last: number;
  readonly closed: readonly ClosedSegment[];
  /** The segment to go on in: `offset` is its end, `unproven` the first record that may not be on the disk. */
  readonly open:
    | {
        readonly number: number;
        readonly path: string;
        readonly size: number;
        readonly salt: number;
        readonly offset: number;
        readonly unproven: number;
      }
    | undefined;
  /** Number of the newest segment. */
  readonly newest: number;
  readonly spares: readonly { readonly number: number; readonly size: number }[];
  /** True if there has to be room for another segment: the log failed before, and is not to fail again with the next record. */
  readonly reserve: boolean;
}

/** An order to the thread. Each gets one reply, in order. */
export type WriterOrder =
  | { readonly order: 'begin'; readonly start: WriterStart }
  /** Makes all appends so far durable. */
  | { readonly order: 'flush' }
  /** Drops segments with records up to a position only. The reply has files to remove. */
  | { readonly order: 'drop'; readonly position: number }
  /** Flushes and ends the thread. */
  | { readonly order: 'release' };

/** An error of the system, as it travels between threads. */
export interface WriteFailure {
  readonly code: string | undefined;
  readonly message: string;
}

/** A message of the thread: appends are done or have room; an order is done; no append can be kept from now on. */
export type WriterReport =
  | 'progress'
  | { readonly reply: { readonly failure: WriteFailure } | { readonly files: readonly string[] } }
  | { readonly failed: WriteFailure };
