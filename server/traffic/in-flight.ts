import type { LimitUse } from '../../proto/gen/commonhold/v1/manager_wire.js';

/** A client with bytes on their way, in either direction. */
export interface Peer {
  /** Bytes that it has sent and the manager has not worked on, and that it was sent and has not read. */
  readonly inFlight: number;
  /** Time at which it last read something, or had nothing to read. */
  readonly lastRead: number;
  /** Ends it, and drops what it has not read. */
  cutOff(): void;
}

/** Finds out when a peer last read something, by the bytes that are on their way to it. */
export class ReadProgress {
  #bytes = 0;
  #lastRead = performance.now();

  /** Takes the present number of bytes, and returns the time at which some were last read, or none were there to read. */
  look(bytes: number): number {
    if (bytes <= 0 || bytes < this.#bytes) this.#lastRead = performance.now();
    this.#bytes = bytes;
    return this.#lastRead;
  }
}

/** Time in which every client reads something, in milliseconds: less of it tells nothing. */
const BRIEF_MS = 50;
/** Part of the limit after which the bytes of all clients are summed up once more. */
const STEP = 1 / 64;

/**
 * Bounds the bytes that are on their way between a manager and all its clients. Above the limit, clients are cut off, first the one that has most on
 * its way for longest, without reading any of it. So a client that reads is not cut off for others.
 */
export class InFlight {
  /** Bytes that moved since all were summed up. */
  #moved = 0;
  /** True if they are summed up at the end of this turn of the event loop. */
  #looks = false;
  #refused = 0;

  constructor(
    private readonly most: number,
    private readonly peers: () => Iterable<Peer>,
    /** Called after clients were cut off, whose bytes are not let go of before the next turn of the event loop. */
    private readonly haveCutOff: () => void,
  ) {}

  get use(): LimitUse {
    return { name: 'in flight', used: this.#sum(), most: this.most, refused: this.#refused };
  }

  /** Bytes came from a client, or were sent to one. */
  moved(bytes: number): void {
    this.#moved += bytes;
    if (this.#looks || this.#moved < this.most * STEP) return;
    this.#looks = true;
    // Not within a call, which may be that of an innocent client.
    setImmediate(() => this.#look());
  }

  #look(): void {
    this.#looks = false;
    this.#moved = 0;
    let sum = this.#sum();
    if (sum <= this.most) return;
    const all = [...this.peers()];
    // Without all that have less than this, the sum is below the limit.
    const little = this.most / (2 * all.length);
    const now = performance.now();
    const costs = ({ inFlight, lastRead }: Peer): number => inFlight * (BRIEF_MS + now - lastRead);
    const costliest = all.filter(({ inFlight }) => inFlight > little).map((peer) => ({ peer, cost: costs(peer) }));
    for (const { peer } of costliest.sort((a, b) => b.cost - a.cost)) {
      if (sum <= this.most) break;
      const { inFlight } = peer;
      sum -= inFlight;
      this.#refused++;
      peer.cutOff();
    }
    this.haveCutOff();
  }

  #sum(): number {
    let sum = 0;
    for (const { inFlight } of this.peers()) sum += inFlight;
    return sum;
  }
}
