import type { LimitUse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { LimitExceededError } from '../../proto/errors.js';

/** A limited number of places, for sessions or for connections. */
export class Places {
  #refused = 0;

  constructor(
    private readonly name: string,
    private readonly flag: string,
    private readonly most: number,
    private readonly taken: () => number,
  ) {}

  get use(): LimitUse {
    return { name: this.name, used: this.taken(), most: this.most, refused: this.#refused };
  }

  /** Returns the error for one more, which counts as refused; undefined if there is room. */
  refusal(): LimitExceededError | undefined {
    const taken = this.taken();
    if (taken < this.most) return undefined;
    this.#refused++;
    return new LimitExceededError(`there are ${taken} ${this.name}, and ${this.most} at most (${this.flag}): try again later`);
  }
}
