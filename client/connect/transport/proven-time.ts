/**
 * The last time at which a session is known to have lived in its manager, for two threads: the heartbeats of one prove it, the other uses the
 * session. It is kept on the system's monotonic clock, which is the same in all threads of a process.
 */
export class ProvenTime {
  readonly #time: BigInt64Array;

  /** @param memory the memory of another thread's object, for the same time */
  constructor(readonly memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.#time = new BigInt64Array(memory);
  }

  /** The session lived at that time, in nanoseconds. Ignored if a later time is known. */
  prove(time: bigint): void {
    for (let known = Atomics.load(this.#time, 0); time > known;) {
      const found = Atomics.compareExchange(this.#time, 0, known, time);
      if (found === known) return;
      known = found;
    }
  }

  /** Milliseconds since that time. */
  get ageMs(): number {
    return Number(process.hrtime.bigint() - Atomics.load(this.#time, 0)) / 1e6;
  }
}
