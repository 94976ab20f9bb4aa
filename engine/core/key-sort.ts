import { RANK } from '../../proto/codec/order.js';
import type { KeyTable } from './key-table.js';

/** Number of keys up to which comparing them takes less time than counting. */
const FEW = 1024;
/** Bits of a head by which one pass of counting goes. */
const DIGIT_BITS = 16;
const DIGITS = 2 ** DIGIT_BITS;
/** Characters of a text in a head. */
const HEAD_LENGTH = 4;

/**
 * Sorts places by their keys. Stable. Counts where a sort would compare, so that the time is in
 * proportion to the number of keys and the length of texts that begin alike: a client chooses them, and its sort holds up all others.
 */
export function sortByKeys(places: readonly number[], keys: KeyTable): number[] {
  const ranks: number[][] = Array.from({ length: RANK.absent + 1 }, () => []);
  for (const place of places) ranks[keys.ranks[place]!]!.push(place);
  const sorted = ranks.map((ranked, rank) => {
    if (ranked.length <= FEW) return compared(ranked, keys);
    if (rank === RANK.null || rank === RANK.absent) return ranked;
    return rank <= RANK.number ? sortNumbers(ranked, keys) : sortTexts(ranked, keys);
  });
  return sorted.find(({ length }) => length === places.length) ?? sorted.flat();
}

function compared(places: readonly number[], keys: KeyTable): number[] {
  return places.toSorted((a, b) => keys.compare(a, b));
}

/** Sorts booleans, or numbers and bigints, by the bits of their doubles. A bigint may be rounded there, and is then compared. */
function sortNumbers(places: number[], keys: KeyTable): number[] {
  const heads = new Heads(places.length);
  let exact = true;
  for (let index = 0; index < places.length; index++) {
    const place = places[index]!;
    if (keys.others[place] !== undefined) exact = false;
    heads.setNumber(index, keys.numbers[place]!);
  }
  const sorted = heads.sorted(places);
  if (!exact) for (const [from, to] of heads.runs()) replace(sorted, from, compared(sorted.slice(from, to), keys));
  return sorted;
}

/** Texts of `places` between two positions, which have their first `common` characters in common. */
interface Alike {
  readonly from: number;
  readonly to: number;
  readonly common: number;
}

/** Sorts texts by a few characters at a time. */
function sortTexts(places: readonly number[], keys: KeyTable): number[] {
  const sorted = [...places];
  const unsorted: Alike[] = [{ from: 0, to: places.length, common: 0 }];
  for (let alike = unsorted.pop(); alike !== undefined; alike = unsorted.pop()) {
    const { from, to, common } = alike;
    const part = sorted.slice(from, to);
    const heads = new Heads(part.length);
    let ended = true;
    for (let index = 0; index < part.length; index++) {
      const text = keys.others[part[index]!] as string;
      if (text.length > common) ended = false;
      heads.setText(index, text, common);
    }
    if (ended || part.length <= FEW) {
      replace(sorted, from, compared(part, keys));
      continue;
    }
    replace(sorted, from, heads.sorted(part));
    for (const [begin, end] of heads.runs()) unsorted.push({ from: from + begin, to: from + end, common: common + HEAD_LENGTH });
  }
  return sorted;
}

/** Puts places in the place of others. */
function replace(places: number[], from: number, others: readonly number[]): void {
  for (let i = 0; i < others.length; i++) places[from + i] = others[i]!;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The beginnings of keys as 64 bits, in two words. They order as the keys do, or are equal. */
class Heads {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** Indexes in the order of the heads. */
  #order: Uint32Array;

  constructor(length: number) {
    this.#high = new Uint32Array(length);
    this.#low = new Uint32Array(length);
    this.#order = new Uint32Array(length);
    for (let index = 0; index < length; index++) this.#order[index] = index;
  }

  setNumber(index: number, value: number): void {
    // Adding 0 turns -0 into 0; NaN has one form only, which comes last.
    double[0] = Number.isNaN(value) ? NaN : value + 0;
    const low = words[0]!;
    const high = words[1]!;
    // The bits of positive doubles order as the doubles do. Negative ones come before them, in the opposite order of their bits.
    const negative = high >>> 31 === 1;
    this.#high[index] = negative ? ~high : high | 0x8000_0000;
    this.#low[index] = negative ? ~low : low;
  }

  /** Takes a text from a position on. The end counts as the character 0. */
  setText(index: number, text: string, from: number): void {
    this.#high[index] = (unitAt(text, from) << 16) | unitAt(text, from + 1);
    this.#low[index] = (unitAt(text, from + 2) << 16) | unitAt(text, from + 3);
  }

  /** Returns the places in the order of the heads, by counting the values of each digit, the last digit first. */
  sorted(places: readonly number[]): number[] {
    for (const word of [this.#low, this.#high]) for (let shift = 0; shift < 32; shift += DIGIT_BITS) this.#sortByDigit(word, shift);
    const order = this.#order;
    const sorted = new Array<number>(order.length);
    for (let i = 0; i < order.length; i++) sorted[i] = places[order[i]!]!;
    return sorted;
  }

  #sortByDigit(word: Uint32Array, shift: number): void {
    const starts = new Uint32Array(DIGITS);
    for (const value of word) starts[(value >>> shift) & (DIGITS - 1)]!++;
    if (starts[(word[0]! >>> shift) & (DIGITS - 1)] === word.length) return;
    for (let digit = 0, start = 0; digit < DIGITS; digit++) {
      const count = starts[digit]!;
      starts[digit] = start;
      start += count;
    }
    const next = new Uint32Array(word.length);
    for (const index of this.#order) next[starts[(word[index]! >>> shift) & (DIGITS - 1)]!++] = index;
    this.#order = next;
  }

  /** Yields the begin and the end of each run of equal heads in the order. */
  *runs(): Generator<[number, number]> {
    const order = this.#order;
    for (let from = 0, to = 1; to <= order.length; to++) {
      if (to < order.length && this.#equal(order[from]!, order[to]!)) continue;
      if (to - from > 1) yield [from, to];
      from = to;
    }
  }

  #equal(a: number, b: number): boolean {
    return this.#high[a] === this.#high[b] && this.#low[a] === this.#low[b];
  }
}

function unitAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}
