import { SortedPlaces } from '../../core/sorting.js';
import type { Payload } from '../../../proto/wire/values.js';
import { CellCopy, type Copy } from '../memory/chunk.js';
import { C_SIZE } from '../kernel/layout.js';

/** Number of words in a cell. */
export const WORDS = C_SIZE / 4;

/** Items that were copied together, with their cells. */
interface Part {
  readonly copy: Copy;
  /** Index of the first item. */
  readonly first: number;
  readonly items: Payload[];
  readonly words: Int32Array;
}

/** The sorted order of a list's items, which is updated quickly if other threads change few of them meanwhile. */
export class ListOrder {
  readonly #sorted: SortedPlaces;
  #parts: Part[] = [];
  #items: Payload[] = [];

  constructor(descending: boolean, by: string) {
    this.#sorted = new SortedPlaces(descending, by);
  }

  /** Returns the cells of the list in sorted order. @param copies all of its cells */
  cells(copies: readonly Copy[]): Int32Array {
    const changed: number[] = [];
    const items: Payload[] = [];
    this.#parts = copies.map((copy, index) => {
      const part = this.#known(index, copy, items.length) ?? read(copy, items.length);
      if (part !== this.#parts[index]) changed.push(...this.#changedIn(part));
      for (const item of part.items) items.push(item);
      return part;
    });
    this.#items = items;
    const words = new Int32Array(WORDS * items.length);
    for (const part of this.#parts) words.set(part.words, WORDS * part.first);
    const ordered = new Int32Array(words.length);
    let to = 0;
    for (const place of this.#sorted.update(items, changed)) {
      for (let from = WORDS * place; from < WORDS * (place + 1); from++) ordered[to++] = words[from]!;
    }
    return ordered;
  }

  /** Returns the part that was read before, if its items are unchanged. */
  #known(index: number, copy: Copy, first: number): Part | undefined {
    const part = this.#parts[index];
    return part?.first === first && Buffer.compare(part.copy, copy) === 0 ? part : undefined;
  }

  #changedIn({ first, items }: Part): number[] {
    const places = Array.from(items.keys(), (index) => first + index);
    return places.filter((place) => {
      const before = this.#items[place];
      return before === undefined || Buffer.compare(before as Buffer, items[place - first] as Buffer) !== 0;
    });
  }
}

function read(copy: Copy, first: number): Part {
  const chunk = new CellCopy(copy);
  const cells = [...chunk.cells()];
  const words = new Int32Array(WORDS * cells.length);
  cells.forEach((cell, index) => {
    for (let word = 0; word < WORDS; word++) words[WORDS * index + word] = chunk.word(cell + 4 * word);
  });
  return { copy, first, items: cells.map((cell) => chunk.payload(cell)), words };
}

/** Reverses cells in place. */
export function reverseCells(words: Int32Array): void {
  for (let low = 0, high = words.length - WORDS; low < high; low += WORDS, high -= WORDS) {
    for (let word = 0; word < WORDS; word++) {
      const one = words[low + word]!;
      words[low + word] = words[high + word]!;
      words[high + word] = one;
    }
  }
}
