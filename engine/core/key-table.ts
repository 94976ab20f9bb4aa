import { compareKeys, RANK, type SortKey } from '../../proto/codec/order.js';

/** Returns true if the first of two places comes before the second. */
export type Precedes = (a: number, b: number) => boolean;

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
    if (isOther || this.others.length > 0) this.others[place] = typeof by === 'string' ? flat(by) : isOther ? by : undefined;
  }

  /** Returns the order of the places by their keys. Absent ones are last, also if descending. Keys of one kind are compared directly. */
  precedes(descending: boolean): Precedes {
    const { numbers, others } = this;
    const [rank] = this.ranks;
    const alike = this.ranks.every((each) => each === rank);
    if (alike && rank === RANK.number && others.length === 0 && !numbers.some(Number.isNaN))
      return descending ? (a, b) => numbers[a]! > numbers[b]! : (a, b) => numbers[a]! < numbers[b]!;
    if (alike && (rank === RANK.text || rank === RANK.bytes || rank === RANK.other)) {
      const texts = others as readonly string[];
      return descending ? (a, b) => texts[a]! > texts[b]! : (a, b) => texts[a]! < texts[b]!;
    }
    if (!descending) return (a, b) => this.#compare(a, b) < 0;
    return (a, b) => (this.#isAbsent(a) || this.#isAbsent(b) ? this.#compare(a, b) < 0 : this.#compare(a, b) > 0);
  }

  #isAbsent(place: number): boolean {
    return this.ranks[place] === RANK.absent;
  }

  #compare(a: number, b: number): number {
    return compareKeys(this.#at(a), this.#at(b));
  }

  #at(place: number): SortKey {
    return { rank: this.ranks[place]!, by: this.others[place] ?? this.numbers[place]! };
  }
}

/** Length of a text from which V8 makes it a view of another one, which takes five times as long to compare. */
const VIEW_LENGTH = 13;

/** Returns a text that is no view of another one. */
function flat(text: string): string {
  return text.length < VIEW_LENGTH ? text : Buffer.from(text).toString();
}
