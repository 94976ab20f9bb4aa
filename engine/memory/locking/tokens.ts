/**
 * Gives the tokens of holds. They only grow, also over a restart of the manager without a memory of
 * what it gave before: they begin at the time in microseconds, which no manager reaches by counting.
 */
export class Tokens {
  #last = Date.now() * 1000;

  next(): number {
    return ++this.#last;
  }
}
