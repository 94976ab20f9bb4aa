// A module of a registered type: the manager registers its class, and ignores its other exports.
export const START = 0;

export function next(count: number): number {
  return count + 1;
}

export class Counter {
  #count: number;

  constructor(start = START) {
    if (start < 0) throw new RangeError('a counter begins at 0 or above');
    this.#count = start;
  }

  get count(): number {
    return this.#count;
  }

  increment(): number {
    return (this.#count = next(this.#count));
  }

  /** Process in which it runs. */
  where(): number {
    return process.pid;
  }

  async rest(milliseconds: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return this.#count;
  }

  /** A mistake: its promise is not awaited. */
  forget(): void {
    void Promise.reject(new Error('forgotten'));
  }

  /** A worse one: its error is not caught. */
  explode(): void {
    setTimeout(() => {
      throw new Error('exploded');
    });
  }

  fail(message: string): never {
    throw Object.assign(new RangeError(message), { code: 'E_FAILED' });
  }
}
