// A user's type: this module is loaded in the manager, and its code runs there.
export class Leaderboard {
  readonly #points = new Map<string, number>();

  /** Number of players. */
  get size(): number {
    return this.#points.size;
  }

  /** Methods run one at a time, so reading and writing needs no lock. */
  score(player: string, points: number): number {
    if (points < 0) throw new ScoreError(`${player} cannot score ${points}`);
    const total = (this.#points.get(player) ?? 0) + points;
    this.#points.set(player, total);
    return total;
  }

  top(count: number): [player: string, points: number][] {
    return [...this.#points].sort(([, a], [, b]) => b - a).slice(0, count);
  }
}

class ScoreError extends Error {
  readonly code = 'E_SCORE';
}
