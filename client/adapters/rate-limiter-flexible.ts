import { RateLimiterRes, type IRateLimiterStoreOptions, type RateLimiterStoreAbstract } from 'rate-limiter-flexible';
// @ts-expect-error The package declares its base of stores at its root, but exports it only here.
import StoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { SharedDict } from '../objects/dict.js';

/** Options of a limiter, as the stores of rate-limiter-flexible have them. */
export interface RateLimiterCommonholdOptions extends IRateLimiterStoreOptions {
  /** The dict that has the points. Limiters with other `keyPrefix`es may share it. */
  storeClient: SharedDict<string, number>;
}

/** The points that were consumed of a key, and the milliseconds until they are forgotten; Infinity for never. */
type ConsumedPoints = readonly [consumed: number, left: number];

/**
 * Limiter of rate-limiter-flexible whose points are in a dict of the manager. All processes together consume exactly the points that
 * there are, because one atomic call adds to the points of a key and begins its duration if the key is new. Each method is one round trip.
 */
export class RateLimiterCommonhold extends (StoreAbstract as typeof RateLimiterStoreAbstract) {
  readonly #dict: SharedDict<string, number>;

  constructor(options: RateLimiterCommonholdOptions) {
    super(options);
    this.#dict = options.storeClient;
  }

  /** @internal Called by the base, as the methods below. */
  async _upsert(key: string, points: number, ms: number, replace: boolean): Promise<ConsumedPoints> {
    const ttl = ms > 0 ? ms : Infinity;
    if (replace) {
      await this.#dict.set(key, points, { ttl });
      return [points, ttl];
    }
    // Both calls leave in one message. The key may have ended in between, and then it is new for the next request.
    const [consumed, left = 0] = await Promise.all([this.#dict.add(key, points, { ttl }), this.#dict.ttl(key)]);
    return [consumed, left];
  }

  /** @internal */
  async _get(key: string): Promise<ConsumedPoints | null> {
    const [consumed, left = 0] = await Promise.all([this.#dict.get(key), this.#dict.ttl(key)]);
    return consumed === undefined ? null : [consumed, left];
  }

  /** @internal */
  _delete(key: string): Promise<boolean> {
    return this.#dict.delete(key);
  }

  /** @internal */
  _getRateLimiterRes(_key: string, changed: number, [consumed, left]: ConsumedPoints): RateLimiterRes {
    const ms = left === Infinity ? -1 : Math.ceil(left);
    return new RateLimiterRes(Math.max(this.points - consumed, 0), ms, consumed, consumed === changed);
  }
}
