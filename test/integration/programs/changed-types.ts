import type { Registry } from '../../../server/index.js';

/** The type of saved-types.ts, with a member that takes more, and one that is new. */
class Account {
  #balance = 0;

  pay(amount: number, times: number): void {
    this.#balance += amount * times;
  }

  balance(): number {
    return this.#balance;
  }

  doubled(): number {
    return 2 * this.#balance;
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

export default (registry: Registry): void => {
  registry.register('Account', Account);
};
