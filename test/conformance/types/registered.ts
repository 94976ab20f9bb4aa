// Types that the managers under test have registered: every exported class. Their code runs in the manager.
import { reference, type Handle } from '../../../proto/codec/handle.js';
import type { SharedDict, SharedList } from '../../../client/index.js';

/** The error of an account: with a code, and a name that only its class has. */
class FundsError extends RangeError {
  constructor(
    message: string,
    readonly code: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Methods, getters, and members that must not be reached. */
export class Account {
  /** A field: not exposed. */
  owner: string;
  #balance: number;

  constructor(balance = 0, owner = 'nobody') {
    if (balance < 0) throw new FundsError(`an account cannot begin with ${balance}`, 'E_NEGATIVE');
    this.#balance = balance;
    this.owner = owner;
  }

  get balance(): number {
    return this.#balance;
  }

  get holder(): string {
    return this.owner;
  }

  set secret(_secret: string) {
    throw new Error('a setter was called');
  }

  deposit(amount: number): number {
    return (this.#balance += amount);
  }

  withdraw(amount: number): number {
    if (amount > this.#balance) throw new FundsError(`${amount} are more than ${this.#balance}`, 'E_FUNDS', new Error('too greedy'));
    return (this.#balance -= amount);
  }

  /** An account in an argument is the account itself. */
  transfer(to: Account, amount: number): Account {
    this.withdraw(amount);
    to.deposit(amount);
    return to;
  }

  /** The new accounts in the result become objects of their own. */
  split(...amounts: number[]): { rest: Account; parts: Account[] } {
    for (const amount of amounts) this.withdraw(amount);
    return { rest: this, parts: amounts.map((amount) => new Account(amount, this.owner)) };
  }

  _audit(): string {
    return 'none of your business';
  }
}

/** Returns arguments and results as code gets and returns them. */
export class Echo {
  readonly #kept: unknown[] = [];

  all(...values: unknown[]): unknown[] {
    return values;
  }

  first(value?: unknown): unknown {
    return value;
  }

  describe(value: unknown): string {
    return value === undefined ? 'undefined' : Object.prototype.toString.call(value).slice(8, -1);
  }

  count(...values: unknown[]): number {
    return values.length;
  }

  keep(value: unknown): void {
    this.#kept.push(value);
  }

  kept(): unknown[] {
    return this.#kept;
  }

  /** Changes its argument, which is a copy. */
  change(list: number[]): number[] {
    list.push(0);
    return list;
  }

  scores(name: string): Handle<SharedDict<string, number>> {
    return reference<SharedDict<string, number>>('dict', name);
  }

  nameOf(list: Handle<SharedList<number>>): string {
    return `${list.kind} ${list.name}`;
  }

  toString(): string {
    return 'an echo';
  }

  /** Names that a proxy has itself. */
  destroy(): string {
    return 'its own destroy';
  }

  get name(): string {
    return 'its own name';
  }

  then(): string {
    return 'its own then';
  }
}

/** A gate in the manager to wait for, which other calls open. */
export class Gate {
  #open!: () => void;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  open(): void {
    this.#open();
  }

  opened(): Promise<void> {
    return this.#opened;
  }
}

/** Work that lasts until a gate is open, and a log of what happened. */
export class Desk {
  readonly #book: string[] = [];

  async work(label: string, gate: Gate): Promise<string> {
    this.#book.push(`${label} begins`);
    await gate.opened();
    this.#book.push(`${label} ends`);
    return label;
  }

  async fail(gate: Gate): Promise<void> {
    await gate.opened();
    throw new FundsError('no', 'E_LATE');
  }

  note(label: string): string {
    this.#book.push(label);
    return label;
  }

  get book(): string[] {
    return this.#book;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#book.push('disposed');
  }
}

/** Keeps the log of a desk after the desk has ended. */
export class Witness {
  #book: string[] = [];

  watch(desk: Desk): void {
    this.#book = desk.book;
  }

  seen(): string[] {
    return this.#book;
  }
}

/** Defines itself what it exposes. */
export class Vault {
  static readonly exposed = ['_open', 'level', 'greet', 'missing'];
  level = 3;
  greet = (name: string): string => `hello ${name}`;
  hidden = 'hidden';

  _open(): string {
    return 'open';
  }

  close(): string {
    return 'closed';
  }
}

class Shape {
  name(): string {
    return 'shape';
  }

  sides(): number {
    return 0;
  }
}

/** Exposes inherited members as well, and overrides one. */
export class Square extends Shape {
  override sides(): number {
    return 4;
  }
}

/** A subclass that is not registered. */
class Rhombus extends Square {}

/** A builtin class by another name. */
export class Tally extends Map<string, number> {
  tally(key: string): this {
    return this.set(key, (this.get(key) ?? 0) + 1);
  }
}

/** An iterator over data too large for one answer: Python's iterator proxy. */
export class Cursor {
  readonly #iterator: Iterator<number, undefined>;

  constructor(end: number) {
    this.#iterator = count(end);
  }

  next(): IteratorResult<number, undefined> {
    return this.#iterator.next();
  }
}

function* count(end: number): Generator<number, undefined> {
  for (let i = 0; i < end; i++) yield i * i;
  return undefined;
}

/** Everything that can go wrong. */
export class Trouble {
  throwText(): never {
    throw 'just a text';
  }

  throwNull(): never {
    throw null;
  }

  throwNumbered(): never {
    throw Object.assign(new Error('numbered'), { name: 'Numbered', code: 404 });
  }

  throwUnreadable(): never {
    throw Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('twice');
      },
    });
  }

  throwLong(): never {
    throw new Error('x'.repeat(1_000_000));
  }

  throwNode(): never {
    Buffer.alloc('much' as never);
    throw new Error('it did not throw');
  }

  giveFunction(): unknown {
    return { deep: [new Square(), () => 1] };
  }

  giveMuch(bytes: number): { square: Square; text: string } {
    return { square: new Square(), text: 'x'.repeat(bytes) };
  }

  giveGenerator(): unknown {
    return count(3);
  }

  giveRhombus(): unknown {
    return new Rhombus();
  }

  giveThenable(): PromiseLike<number> {
    return { then: (resolve) => resolve?.(7) as never };
  }

  giveBadThenable(): unknown {
    return {
      get then(): never {
        throw new Error('not even asked');
      },
    };
  }

  forever(): Promise<never> {
    return new Promise(() => {});
  }

  async later(): Promise<never> {
    await Promise.resolve();
    throw new FundsError('later', 'E_LATER');
  }
}
