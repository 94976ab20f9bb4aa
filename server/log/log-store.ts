/** Keeps a log of records and a snapshot that replaces its beginning. Each thread can read through a store of its own; one leader writes. */
export interface LogStore extends AsyncDisposable {
  /**
   * Says after which event the record of a resolved append is still there: after none for sure, a kill of the process, a crash of the host, or the loss of a minority of hosts.
   */
  readonly durability: 'none' | 'process' | 'disk' | 'quorum';
  /** Size limit of a record in bytes. */
  readonly recordLimit: number;

  /**
   * Becomes the one writer. Cuts off a torn tail first, and makes everything that `read` then yields durable. After a leader of this store has
   * failed or resigned, the store can lead again once its records can be kept.
   * @throws AlreadyExistsError while another leader lives
   * @throws DamagedLogError if records that were durable are lost
   * @throws LogFailedError if records cannot be kept
   */
  lead(): Promise<Leader>;

  /**
   * Yields the records from a position on, in order and without gaps, up to the last complete one.
   * @throws OutOfRangeError if a snapshot has replaced some of these records
   * @throws DamagedLogError where records that were durable are lost
   */
  read(from: number): AsyncIterable<LogRecord>;

  /**
   * Returns the published snapshot. Its chunks are read as they are asked for.
   * @throws DamagedLogError now or while it is read, if it is not as it was written
   */
  snapshot(): Promise<LogSnapshot | undefined>;

  /**
   * Writes a snapshot of the state up to, and with, the record at a position. It counts once the leader publishes it. Any thread of the
   * leader's process may do this; the chunks need not be the ones that were appended, nor of one size.
   */
  writeSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** The part of a store from which a log is read. */
export type LogReader = Pick<LogStore, 'read' | 'snapshot'>;

/** One entry of the log. */
export interface LogRecord {
  /** Counts from 1, and is never used twice. */
  readonly position: number;
  /** Epoch of the leader that wrote it; never less than that of the record before. */
  readonly epoch: number;
  /** Number of the engine's format, as the leader gave it. */
  readonly format: number;
  /** Part of a larger buffer: copy it to keep it. */
  readonly bytes: Uint8Array;
}

/** A snapshot that was published. */
export interface LogSnapshot {
  /** The last record whose effects it has. */
  readonly position: number;
  /** Number of the engine's format, as its writer gave it. */
  readonly format: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** End of a log that was cut off: bytes of records that no append had reported durable. */
export interface TornTail {
  readonly bytes: number;
  /** The first position that was cut off. The next record gets it. */
  readonly at: number;
}

/** The one writer of a log. */
export interface Leader {
  /** Grows with each `lead()`. */
  readonly epoch: number;
  /** Position of the next record. */
  readonly next: number;
  /** The part that `lead()` cut off. */
  readonly torn: TornTail | undefined;

  /**
   * Appends a record, and resolves with its position once it is as durable as the store says. Several may be in flight; they stay in order.
   * The bytes must not change until then.
   *
   * After one rejection every later append rejects too, since an unknown part of it is on the disk. Reading goes on.
   * @throws LogFailedError if the record could not be kept
   */
  append(bytes: Uint8Array): Promise<number>;

  /** Resolves once everything so far is durable. @throws LogFailedError if it cannot be kept */
  flush(): Promise<void>;

  /**
   * Publishes the snapshot that was written for a position, and drops the records up to it. Waits until they are durable.
   * @throws NotFoundError if there is no complete one
   */
  publish(position: number): Promise<void>;

  /** Writes and publishes a snapshot. */
  snapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;

  /** Appends nothing more, and leaves the ownership to the next leader of the same store. Until then `release` gives it back. */
  resign(): void;

  /** Flushes, and gives the ownership back. */
  release(): Promise<void>;
}
