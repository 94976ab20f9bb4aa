import type { Stateful, StateOf } from '../../../proto/state.js';
import { Expiries } from '../lifetime/expiries.js';
import type { ForwardedObject } from './forwarded-object.js';
import type { Clock } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { sortedPairs } from '../../core/state.js';

/** Time for which a home keeps the history of a destroyed object for its watchers, in milliseconds. */
const KEPT_MS = 60_000;

/** Objects that were destroyed lately, by name. */
export class Tombstones implements Stateful {
  readonly #objects = new Map<string, ForwardedObject>();
  readonly #expiries: Expiries<string>;

  constructor(clock: Clock) {
    this.#expiries = new Expiries(clock, (name) => this.#objects.delete(name));
  }

  state() {
    const objects = sortedPairs(Array.from(this.#objects.values(), ({ name, kind }): [string, string] => [name, kind]));
    return { objects, expiries: this.#expiries.state((name) => name) };
  }

  /** @param make makes an object of the home */
  restore({ objects, expiries }: StateOf<Tombstones>, restoring: Restoring, make: (name: string, kind: string) => ForwardedObject): void {
    for (const [name, kind] of objects) this.#objects.set(name, make(name, kind));
    this.#expiries.restore(expiries, restoring, (name) => name);
  }

  set(object: ForwardedObject): void {
    this.#objects.set(object.name, object);
    this.#expiries.set(object.name, KEPT_MS);
  }

  get(name: string): ForwardedObject | undefined {
    return this.#objects.get(name);
  }

  clear(): void {
    this.#objects.clear();
    this.#expiries.clear();
  }
}
