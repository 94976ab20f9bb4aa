import { referencesIn } from '../../../proto/codec/references.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { isAnonymous } from '../../../proto/name.js';
import { found } from '../../core/state.js';
import { bytesOfReference, OVERHEAD, type Use } from '../../core/use.js';
import type { RefNode, Referrer, AnonymousObjects } from './anonymous.js';

/** The counts of all objects. */
export interface Counts {
  readonly anonymous: AnonymousObjects;
  readonly use: Use;
}

/** Counts the payloads that one object holds: their bytes, and the references in them. */
export class OutgoingRefs implements Stateful {
  /** Undefined until there is a reference: most objects have none. */
  #targets: Map<RefNode, number> | undefined;
  /** Size of the payloads, and of the keys that the object counts. */
  #bytes = 0;
  /** The same with everything that they take beside their contents. */
  #memory = 0;
  #ended = false;
  readonly #use: Use;
  readonly #anonymous: AnonymousObjects;

  constructor(
    { anonymous, use }: Counts,
    readonly owner: Referrer,
  ) {
    this.#anonymous = anonymous;
    this.#use = use;
  }

  /** Size of the payloads and keys in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The referred objects in the order in which they are let go of. They know the numbers of references. */
  state() {
    return { bytes: this.#bytes, memory: this.#memory, targets: Array.from(this.targets, ({ name }) => name) };
  }

  /** Restores the references to objects that know them already. */
  restore({ bytes, memory, targets }: StateOf<OutgoingRefs>): void {
    this.#count(bytes, memory - bytes);
    for (const name of targets) {
      const node = this.#anonymous.node(name);
      (this.#targets ??= new Map<RefNode, number>()).set(node, found(node.referrers.get(this.owner), name));
    }
  }

  /** The anonymous objects to which it refers. */
  get targets(): Iterable<RefNode> {
    return this.#targets?.keys() ?? [];
  }

  /** True once the object has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Counts a value that was stored. */
  add(payload: Payload): void {
    if (this.#ended) return;
    this.#count(payload.length, OVERHEAD.part);
    for (const { name } of referencesIn(payload)) this.addName(name);
  }

  /** Counts a key, or any other content that refers to nothing. */
  addBytes(bytes: number, overhead = 0): void {
    if (!this.#ended) this.#count(bytes, overhead);
  }

  /** Discounts the same. */
  removeBytes(bytes: number, overhead = 0): void {
    if (!this.#ended) this.#count(-bytes, -overhead);
  }

  #count(bytes: number, overhead: number): void {
    this.#bytes += bytes;
    this.#memory += bytes + overhead;
    this.#use.memory += bytes + overhead;
  }

  /** Counts a reference to the object of that name, if it is anonymous. */
  addName(name: string): void {
    if (this.#ended || !isAnonymous(name)) return;
    const node = this.#anonymous.node(name);
    const targets = (this.#targets ??= new Map<RefNode, number>());
    const before = targets.get(node) ?? 0;
    if (before === 0) this.#count(0, bytesOfReference(name));
    const count = before + 1;
    targets.set(node, count);
    node.referrers.set(this.owner, count);
  }

  /** Discounts a value that was removed. */
  remove(payload: Payload): void {
    if (this.#ended) return;
    this.#count(-payload.length, -OVERHEAD.part);
    const targets = this.#targets;
    if (targets === undefined) return;
    for (const { name } of referencesIn(payload)) {
      const node = this.#anonymous.find(name);
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

  /** Discounts all values, because the object has ended. Values that are given back to it later are not counted. */
  end(): void {
    this.#ended = true;
    this.clear();
  }

  /** Discounts all values. */
  clear(): void {
    for (const node of this.targets) this.#drop(node);
    this.#count(-this.#bytes, this.#bytes - this.#memory);
  }

  #drop(node: RefNode): void {
    this.#count(0, -bytesOfReference(node.name));
    this.#targets!.delete(node);
    node.referrers.delete(this.owner);
    this.#anonymous.suspect(node);
  }
}
