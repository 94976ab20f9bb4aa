import { compareKeys, RANK, type SortKey } from '../../proto/codec/order.js';

/** Sort keys by place. Keeps them in arrays without an object for each: there may be millions. */
export class KeyTable {
  ranks = new Uint8Array(0);
  /** Numbers, booleans as 0 and 1, and bigints rounded to a double. */
  numbers = new Float64Array(0);
  /** Texts and bigints, in a list that has any. */
  others: (string | bigint | undefined)[] = [];

  get length(): number {
    return this.ranks.length;
  }

  resize(length: number): void {
    if (length === this.length) return;
    const { ranks, numbers, others } = this;
    const kept = Math.min(length, ranks.length);
    this.ranks = new Uint8Array(length);
    this.ranks.set(ranks.subarray(0, kept));
    this.numbers = new Float64Array(length);
    this.numbers.set(numbers.subarray(0, kept));
    this.others = others.slice(0, kept);
  }

  set(place: number, { rank, by }: SortKey): void {
    this.ranks[place] = rank;
    const isOther = typeof by === 'string' || typeof by === 'bigint';
    if (typeof by !== 'string') this.numbers[place] = Number(by);
    if (isOther && this.others.length === 0) this.others = new Array<undefined>(this.length).fill(undefined);
    if (isOther || this.others.length > 0) this.others[place] = isOther ? by : undefined;
  }

  isAbsent(place: number): boolean {
    return this.ranks[place] === RANK.absent;
  }

  /** Compares the keys of two places as {@link compareKeys} does. */
  compare(a: number, b: number): number {
    return compareKeys(this.#at(a), this.#at(b));
  }

  #at(place: number): SortKey {
    return { rank: this.ranks[place]!, by: this.others[place] ?? this.numbers[place]! };
  }
}
