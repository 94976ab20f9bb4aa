/** A binary heap: what comes before all others is cheap to find and to take out. */
export class Heap<T> {
  #items: T[] = [];

  constructor(readonly before: (a: T, b: T) => boolean) {}

  get length(): number {
    return this.#items.length;
  }

  /** What comes before all others; undefined where there is nothing. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#rise(this.#items.push(item) - 1);
  }

  /** Removes what comes before all others. */
  pop(): T | undefined {
    const items = this.#items;
    if (items.length <= 1) return items.pop();
    const first = items[0];
    items[0] = items.pop()!;
    this.#sink(0);
    return first;
  }

  /** The first `count`, in their order; they stay. Costs as much as they are, not as much as there is. */
  peek(count: number): T[] {
    const items = this.#items;
    const found: T[] = [];
    // What comes next is among the children of what was found.
    const edge = new Heap<number>((a, b) => this.before(items[a]!, items[b]!));
    if (items.length > 0) edge.push(0);
    for (let index = edge.pop(); index !== undefined && found.length < count; index = edge.pop()) {
      found.push(items[index]!);
      for (const child of [2 * index + 1, 2 * index + 2]) if (child < items.length) edge.push(child);
    }
    return found;
  }

  /** Takes out all, in no order. */
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
