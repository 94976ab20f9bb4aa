import { referencesIn } from '../../proto/codec/references.js';
import type { Payload } from '../../proto/wire/values.js';
import { isUnnamed } from '../../proto/name.js';
import type { Node, Referrer, Unnamed } from './unnamed.js';

/** The references that one object contains. */
export class Links {
  /** Most objects refer to none. */
  #targets: Map<Node, number> | undefined;

  constructor(
    readonly unnamed: Unnamed,
    readonly owner: Referrer,
  ) {}

  get any(): boolean {
    return this.#targets !== undefined && this.#targets.size > 0;
  }

  /** A value came in. */
  add(payload: Payload): void {
    for (const { name } of referencesIn(payload)) this.addName(name);
  }

  /** The object needs another one. */
  addName(name: string): void {
    if (!isUnnamed(name)) return;
    const node = this.unnamed.node(name);
    const targets = (this.#targets ??= new Map<Node, number>());
    const count = (targets.get(node) ?? 0) + 1;
    targets.set(node, count);
    node.referrers.set(this.owner, count);
  }

  /** A value went out. */
  remove(payload: Payload): void {
    const targets = this.#targets;
    if (targets === undefined) return;
    for (const { name } of referencesIn(payload)) {
      const node = this.unnamed.find(name);
      const before = node && targets.get(node);
      if (node === undefined || before === undefined) continue;
      const count = before - 1;
      if (count > 0) {
        targets.set(node, count);
        node.referrers.set(this.owner, count);
      } else {
        this.#drop(node);
      }
    }
  }

  /** All values went out. */
  clear(): void {
    for (const node of this.#targets?.keys() ?? []) this.#drop(node);
  }

  #drop(node: Node): void {
    this.#targets!.delete(node);
    node.referrers.delete(this.owner);
    this.unnamed.suspect(node);
  }
}
