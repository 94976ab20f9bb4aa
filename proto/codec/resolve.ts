import { OpaqueRegExp } from './opaque.js';
import { MAX_PACKED_DEPTH, malformed } from './refuse.js';

/** Placeholder for an object of the graph, by its place. */
export class Shared {
  constructor(readonly place: number) {}
}
/** Placeholder for a reference, by its place in the payload's list. */
export class ReferenceAt {
  constructor(readonly place: number) {}
}
/** Placeholder for the whole value, if objects occur more than once. */
export class Graph {
  constructor(readonly entries: unknown[]) {}
}
/** Placeholder for a hole of an array. */
export const HOLE = Symbol('hole');

/** Makes the values of references and of regular expressions. */
export interface Revive {
  reference(place: number): unknown;
  regexp(opaque: OpaqueRegExp): unknown;
  /** Throws if there are too many numbers in Maps and Sets. */
  checkMembers?(numeric: number): void;
}

/** Replaces the placeholders in a decoded value by their values, and views of `source` by copies. */
export function resolve(decoded: unknown, source: Uint8Array, revive: Revive): unknown {
  if (decoded instanceof Graph) return new Resolver(decoded.entries, source, revive).entry(0, 0);
  // Outside of a graph nothing occurs twice, and the value itself is no entry: it would be a cycle that nothing expects.
  return new Resolver([], source, revive).node(decoded, 0);
}

class Resolver {
  readonly #entries: unknown[];
  readonly #state: ('open' | 'done' | undefined)[] = [];
  readonly #source: Uint8Array;
  readonly #revive: Revive;

  constructor(entries: unknown[], source: Uint8Array, revive: Revive) {
    this.#entries = entries;
    this.#source = source;
    this.#revive = revive;
  }

  /** Returns an object of the graph. Within a cycle, the object may not be filled yet. */
  entry(place: number, depth: number): unknown {
    const value = this.#entries[place];
    if (value === undefined || value instanceof Shared) throw malformed(`a graph without entry ${place}`);
    if (this.#state[place] === undefined) {
      this.#state[place] = 'open';
      const resolved = this.node(value, depth);
      this.#entries[place] = resolved;
      this.#state[place] = 'done';
      return resolved;
    }
    return value;
  }

  node(value: unknown, depth: number): unknown {
    if (value === HOLE) throw malformed('a hole outside of an array');
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_PACKED_DEPTH) throw malformed(`packed data nested deeper than ${MAX_PACKED_DEPTH} levels`);
    if (value instanceof Shared) return this.entry(value.place, depth + 1);
    if (value instanceof OpaqueRegExp) return this.#revive.regexp(value);
    if (value instanceof ReferenceAt) return this.#revive.reference(value.place);
    if (ArrayBuffer.isView(value)) return value.buffer === this.#source.buffer ? new Uint8Array(value as Uint8Array) : value;
    if (Array.isArray(value)) this.#array(value, depth);
    else if (value instanceof Map) this.#map(value, depth);
    else if (value instanceof Set) this.#set(value, depth);
    else this.#properties(value, depth);
    return value;
  }

  #array(array: unknown[], depth: number): void {
    for (let i = 0; i < array.length; i++) {
      if (array[i] === HOLE) Reflect.deleteProperty(array, i);
      else array[i] = this.node(array[i], depth + 1);
    }
  }

  /** Empties and refills the map, so that a key that is replaced keeps its place in the order. */
  #map(map: Map<unknown, unknown>, depth: number): void {
    const entries = [...map];
    map.clear();
    for (const [key, value] of entries) map.set(this.node(key, depth + 1), this.node(value, depth + 1));
  }

  #set(set: Set<unknown>, depth: number): void {
    const members = [...set];
    set.clear();
    for (const member of members) set.add(this.node(member, depth + 1));
  }

  /** Covers plain objects and errors, whose `cause` and `errors` are not enumerable. */
  #properties(object: object, depth: number): void {
    for (const key of Object.getOwnPropertyNames(object)) {
      const value: unknown = (object as Record<string, unknown>)[key];
      if ((typeof value !== 'object' || value === null) && value !== HOLE) continue;
      const resolved = this.node(value, depth + 1);
      // Defining creates an own `__proto__`; assigning would set the prototype.
      if (resolved !== value) Object.defineProperty(object, key, { value: resolved });
    }
  }
}
