/** Part of all items up to which it takes less time to find the first ones one after another. */
const FEW = 64;

/** A binary heap. Finds the first item in constant time, and adds or removes one in logarithmic time. */
export class Heap<T> {
  #items: T[] = [];

  constructor(readonly before: (a: T, b: T) => boolean) {}

  get length(): number {
    return this.#items.length;
  }

  /** The item that comes before all others, or undefined if the heap is empty. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#rise(this.#items.push(item) - 1);
  }

  /** Removes and returns the first item. */
  pop(): T | undefined {
    const items = this.#items;
    if (items.length <= 1) return items.pop();
    const first = items[0];
    items[0] = items.pop()!;
    this.#sink(0);
    return first;
  }

  /** Removes an item from any place, in linear time. Returns false if it is not there. */
  remove(item: T): boolean {
    return this.#removeAt(this.#items.indexOf(item));
  }

  /** Removes one item that is wanted, in linear time. Returns false if there is none. */
  removeOne(isWanted: (item: T) => boolean): boolean {
    return this.#removeAt(this.#items.findIndex(isWanted));
  }

  #removeAt(index: number): boolean {
    if (index < 0) return false;
    const last = this.#items.pop()!;
    if (index < this.#items.length) {
      this.#items[index] = last;
      this.#rise(index);
      this.#sink(index);
    }
    return true;
  }

  /**
   * Returns `count` items in their order, from the place `start` on, without removing them. The cost of the first few depends on their
   * number only, that of others on the size of the heap.
   */
  peek(count: number, start = 0): T[] {
    const { length } = this.#items;
    const end = Math.min(start + count, length);
    return end < length / FEW ? this.#first(end).slice(start) : sortedSlice(this.#items.slice(), start, end, this.before);
  }

  /** Returns the first `count` items in order. */
  #first(count: number): T[] {
    const items = this.#items;
    const found: T[] = [];
    // The next item in order is always a child of an item found before.
    const edge = new Heap<number>((a, b) => this.before(items[a]!, items[b]!));
    if (items.length > 0) edge.push(0);
    for (let index = edge.pop(); index !== undefined && found.length < count; index = edge.pop()) {
      found.push(items[index]!);
      for (const child of [2 * index + 1, 2 * index + 2]) if (child < items.length) edge.push(child);
    }
    return found;
  }

  /** Removes and returns all items, in no particular order. */
  clear(): T[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  #rise(index: number): void {
    const items = this.#items;
    const item = items[index]!;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(item, items[parent]!)) break;
      items[index] = items[parent]!;
      index = parent;
    }
    items[index] = item;
  }

  #sink(index: number): void {
    const items = this.#items;
    const item = items[index]!;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.before(items[child + 1]!, items[child]!)) child++;
      if (!this.before(items[child]!, item)) break;
      items[index] = items[child]!;
      index = child;
    }
    items[index] = item;
  }
}

/** Sorts the items from `start` to `end` of a list as if it were sorted as a whole, and returns them. Changes the list. */
function sortedSlice<T>(items: T[], start: number, end: number, before: (a: T, b: T) => boolean): T[] {
  select(items, start, before);
  if (end < items.length) select(items, end, before);
  return items.slice(start, end).sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
}

/** Moves the items that belong before an index before it, and the others behind: quickselect, in linear time on average. */
function select<T>(items: T[], index: number, before: (a: T, b: T) => boolean): void {
  for (let low = 0, high = items.length - 1; low < high;) {
    const pivot = items[(low + high) >> 1]!;
    let [left, right] = [low, high];
    while (left <= right) {
      while (before(items[left]!, pivot)) left++;
      while (before(pivot, items[right]!)) right--;
      if (left <= right) {
        const moved = items[left]!;
        items[left++] = items[right]!;
        items[right--] = moved;
      }
    }
    if (index <= right) high = right;
    else if (index >= left) low = left;
    else return;
  }
}
