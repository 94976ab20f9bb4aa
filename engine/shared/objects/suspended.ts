import type { Ownership } from '../../core/ownership.js';
import type { Lease } from '../../core/lease.js';

/** What is held of a lock by calls that have given it up for the time of a wait: their leases run on. */
export class SuspendedHolds {
  readonly #byToken = new Map<number, Ownership>();

  /** @param levelEnded told of each level that ends meanwhile */
  add(ownership: Ownership, levelEnded: (token: number, error: Error) => void): void {
    ownership.levelEnded = levelEnded;
    for (const { token } of ownership.levels) this.#byToken.set(token, ownership);
  }

  /** The level under a token. */
  level(token: number): Lease | undefined {
    return this.#byToken.get(token)?.level(token);
  }

  /** Drops a level that ended; says whether it was one. */
  drop(level: Lease, why: () => Error): boolean {
    const ownership = this.#byToken.get(level.token);
    if (ownership === undefined) return false;
    this.#byToken.delete(level.token);
    ownership.drop(level);
    ownership.levelEnded?.(level.token, why());
    return true;
  }

  /** It rests no longer. */
  remove(ownership: Ownership): void {
    ownership.levelEnded = undefined;
    for (const { token } of ownership.levels) this.#byToken.delete(token);
  }

  /** The lock is gone: nothing of what rests comes back. */
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

/** Their holders are told that they hold nothing any more. */
export function lose(levels: readonly Lease[]): void {
  for (const level of levels) {
    level.end();
    level.caller.lost(level.token);
  }
}
