import type { SharedDict } from '../objects/dict.js';

/** The hits of a client in its window, and the end of the window. */
export interface RateLimitHits {
  totalHits: number;
  resetTime: Date | undefined;
}

/**
 * Store of express-rate-limit in a dict of the manager: `rateLimit({ store: new RateLimitStore(manager.dict('hits')), … })`. All processes
 * together let exactly `limit` requests of a client through in a window, because one atomic call counts a hit, and begins the window with
 * the first one. Limiters that count for themselves need a dict each. Each method is one round trip, `decrement` two.
 */
export class RateLimitStore {
  /** Processes count together. */
  readonly localKeys = false;
  /** Name of the dict, by which express-rate-limit tells a request that two limiters count from one that is counted twice. */
  readonly prefix: string;
  #windowMs = 60_000;

  constructor(private readonly dict: SharedDict<string, number>) {
    this.prefix = dict.name;
  }

  /** Called by express-rate-limit with its options. */
  init({ windowMs }: { windowMs: number }): void {
    this.#windowMs = windowMs;
  }

  async get(key: string): Promise<RateLimitHits | undefined> {
    const [totalHits, left] = await Promise.all([this.dict.get(key), this.dict.ttl(key)]);
    return totalHits === undefined ? undefined : { totalHits, resetTime: timeIn(left) };
  }

  async increment(key: string): Promise<RateLimitHits> {
    // Both calls leave in one message. A key that ended in between is new for the next request.
    const [totalHits, left] = await Promise.all([this.dict.add(key, 1, { ttl: this.#windowMs }), this.dict.ttl(key)]);
    return { totalHits, resetTime: timeIn(left) };
  }

  /** Takes a hit back, unless its window is over. */
  async decrement(key: string): Promise<void> {
    await this.dict.update(key, (hits) => hits && hits - 1);
  }

  async resetKey(key: string): Promise<void> {
    await this.dict.delete(key);
  }

  async resetAll(): Promise<void> {
    await this.dict.clear();
  }
}

/** Returns the time in `ms` milliseconds; now if the key is gone. */
function timeIn(ms = 0): Date {
  return new Date(Date.now() + ms);
}
