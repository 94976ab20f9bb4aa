import type { Ownership } from '../../core/ownership.js';
import type { Lease } from '../../core/lease.js';

/** Holds of a lock that calls have given up while they wait on a condition. Their leases continue. */
export class SuspendedHolds {
  readonly #byToken = new Map<number, Ownership>();

  /** @param levelEnded called for each level that ends meanwhile */
  add(ownership: Ownership, levelEnded: (token: number, error: Error) => void): void {
    ownership.levelEnded = levelEnded;
    for (const { token } of ownership.levels) this.#byToken.set(token, ownership);
  }

  /** Returns the level of a token. */
  level(token: number): Lease | undefined {
    return this.#byToken.get(token)?.level(token);
  }

  /** Removes a level that ended. Returns false if it is none of these. */
  drop(level: Lease, why: () => Error): boolean {
    const ownership = this.#byToken.get(level.token);
    if (ownership === undefined) return false;
    this.#byToken.delete(level.token);
    ownership.drop(level);
    ownership.levelEnded?.(level.token, why());
    return true;
  }

  /** Removes a hold that is not suspended any more. */
  remove(ownership: Ownership): void {
    ownership.levelEnded = undefined;
    for (const { token } of ownership.levels) this.#byToken.delete(token);
  }

  /** Ends all suspended holds, because the lock has ended. */
  end(why: () => Error): void {
    for (const ownership of new Set(this.#byToken.values())) {
      const { levelEnded } = ownership;
      this.remove(ownership);
      const levels = ownership.levels.splice(0);
      lose(levels);
      levelEnded?.(levels[0]!.token, why());
    }
  }
}

/** Ends levels, and tells their holders that they are lost. */
export function lose(levels: readonly Lease[]): void {
  for (const level of levels) {
    level.end();
    level.caller.lost(level.token);
  }
}
