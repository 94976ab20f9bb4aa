import type { Registry } from '../../server/index.js';

/** A count in an instance of a registered type that can be saved. */
export class Tally {
  #count = 0;

  add(): number {
    return ++this.#count;
  }

  count(): number {
    return this.#count;
  }

  save(): number {
    return this.#count;
  }

  static restore(count: number): Tally {
    const tally = new Tally();
    tally.#count = count;
    return tally;
  }
}

export default (registry: Registry): void => registry.register('Tally', Tally);
