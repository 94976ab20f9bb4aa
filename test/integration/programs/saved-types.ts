import type { Registry } from '../../../server/index.js';

/** A type of which instances can be saved. */
class Account {
  #balance = 0;

  pay(amount: number): void {
    this.#balance += amount;
  }

  balance(): number {
    return this.#balance;
  }

  /** Takes longer than any test. */
  async paySlowly(amount: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    this.#balance += amount;
  }

  save(): number {
    return this.#balance;
  }

  static restore(balance: number): Account {
    const account = new Account();
    account.#balance = balance;
    return account;
  }
}

/** A type of which instances cannot be saved. */
class Plain {
  #balance = 0;

  pay(amount: number): void {
    this.#balance += amount;
  }

  balance(): number {
    return this.#balance;
  }
}

export default (registry: Registry): void => {
  registry.register('Account', Account);
  registry.register('Plain', Plain);
};
