import { isNumbered } from './form.js';

/** The names of an object's fields. */
export interface NameList {
  /** In order. */
  readonly names: readonly string[];
  /** Number of the list, if it has one. */
  number: number | undefined;
}

/** Names in the order of an object's fields are a path from the root of the tree. */
interface NameTree {
  readonly next: Map<string, NameTree>;
  /** The list of the names of the path, if it has a number. */
  list: NameList | undefined;
}

/** Most orders of names that are kept beside the lists themselves. */
const MOST_ORDERS = 4096;

/** The lists of names that have a number. Also finds them by names in the orders that objects have, which costs less than to sort the names. */
export class NameLists {
  readonly #root: NameTree = { next: new Map(), list: undefined };
  #count = 0;
  #orders = 0;

  /** Returns the list of an object's names. */
  of(names: readonly string[]): NameList {
    return this.#find(names) ?? this.#sorted(names);
  }

  /** Gives a list a number, if it gets one. */
  number(list: NameList): void {
    if (!isNumbered(list.names, this.#count)) return;
    list.number = this.#count++;
    this.#keep(list.names, list);
  }

  #sorted(order: readonly string[]): NameList {
    const names = order.toSorted();
    const list = this.#find(names);
    if (list === undefined) return { names, number: undefined };
    if (this.#orders++ < MOST_ORDERS) this.#keep(order, list);
    return list;
  }

  #find(order: readonly string[]): NameList | undefined {
    let tree: NameTree | undefined = this.#root;
    for (const name of order) {
      tree = tree.next.get(name);
      if (tree === undefined) return undefined;
    }
    return tree.list;
  }

  #keep(order: readonly string[], list: NameList): void {
    let tree = this.#root;
    for (const name of order) {
      let next = tree.next.get(name);
      if (next === undefined) tree.next.set(name, (next = { next: new Map(), list: undefined }));
      tree = next;
    }
    tree.list = list;
  }
}
