import type { CallContext } from '../../../proto/contract.js';
import type { Reference } from '../../../proto/codec/reference.js';
import { referencesIn } from '../../../proto/codec/references.js';
import { UnimplementedError } from '../../../proto/errors.js';
import { isAnonymous } from '../../../proto/name.js';
import type { Payload } from '../../../proto/wire/values.js';
import { directoryOf, type Directory, type Make } from './directory.js';
import type { ObjectView, EngineContext } from './object-view.js';
import type { SharedKind } from './kind-numbers.js';
import type { ObjectAddress } from '../memory/place.js';
import { arenaEnded } from '../memory/region.js';
import { standstill } from '../threads/standstill.js';
import { unoffered } from './unoffered.js';
import { O_CLAIMS } from '../kernel/layout.js';

/** How objects of a kind are made, and worked on. */
export interface SharedObjectKind<T extends ObjectView> {
  readonly kind: SharedKind;
  /** Makes a new object; absent where a name alone does not make one. */
  readonly make?: ((surroundings: EngineContext) => Make) | undefined;
  readonly bind: (surroundings: EngineContext, name: string, place: ObjectAddress, objects: Objects) => T;
}

/** What makes an object by hand. */
export interface ObjectCreation {
  name: string;
  exclusive?: boolean;
  ttlMs?: number | undefined;
}

/** Objects whose names begin so are for this package alone: nobody else sees them. */
export const HIDDEN = '\0';

/** So many objects may be known that other threads have ended. */
const FEW = 256;

/** Observes the objects that this thread makes and ends. */
export interface ObjectsObserver {
  /** Throws if there must be no object of that name here. */
  allow(name: string): void;
  made(kind: SharedKind, name: string): void;
  ended(name: string): void;
}

/** The objects of an arena, as one thread works on them. Those that it has found once it finds by their names alone. */
export class Objects {
  readonly #bound = new Map<string, ObjectView>();
  /** With so many found, those that other threads ended are forgotten. */
  #many = FEW;
  readonly directory: Directory;
  observer: ObjectsObserver | undefined;

  constructor(
    readonly surroundings: EngineContext,
    /** How an object that was found is worked on, by its kind. */
    readonly kinds: ReadonlyMap<SharedKind, SharedObjectKind<ObjectView>>,
  ) {
    this.directory = directoryOf(surroundings.thread);
    const { thread } = surroundings;
    thread.findReferred = (payload) => this.#referred(payload);
    thread.dispose = (name, place) => this.#kindOf(place).bind(surroundings, name, place, this).dispose();
    thread.orphaned = (name) => this.#end(this.any(name));
    thread.guards.describe = (object, owner, looks) => standstill(thread, this.directory, object, owner, looks);
  }

  /** The object of that name and kind, made where a name alone makes one: {@link create} makes those without. Throws NotFoundError, KindMismatchError. */
  open<T extends ObjectView>(kind: SharedObjectKind<T>, name: string, context?: Pick<CallContext, 'readOnly'>): T {
    const known = this.#bound.get(name);
    if (known?.kind === kind.kind && known.there) return known as T;
    this.#allow(name);
    const made = context?.readOnly === true || isAnonymous(name) ? undefined : kind.make?.(this.surroundings);
    const place = this.directory.open(kind.kind, name, made);
    const object = this.#claimed(this.#bind(kind, name, place));
    if (place.created) this.observer?.made(kind.kind, name);
    return object;
  }

  /** Throws where the arena is closed, or must not have an object of that name. */
  #allow(name: string): void {
    const { thread } = this.surroundings;
    if (thread.closed) throw arenaEnded();
    this.observer?.allow(name);
  }

  /** As {@link open}, of a kind by its name. Throws UnimplementedError for one that shared memory does not have. */
  openNamed(kind: string, name: string): ObjectView {
    const known = this.kinds.get(kind as SharedKind);
    if (known === undefined) throw new UnimplementedError(`shared memory has no ${kind}: its home has to be a manager`, { object: name });
    return this.open(known, name);
  }

  /** As {@link open}, where `make` says how it begins. */
  create<T extends ObjectView>(
    kind: SharedObjectKind<T>,
    { name, exclusive, ttlMs }: ObjectCreation,
    make: Make | undefined,
  ): { object: T; created: boolean } {
    if (ttlMs !== undefined) throw unoffered('a time to live', name);
    this.#allow(name);
    const place = this.directory.open(kind.kind, name, make, exclusive);
    const object = this.#claimed(this.#bind(kind, name, place));
    if (place.created) this.observer?.made(kind.kind, name);
    return { object, created: place.created };
  }

  /** The object of that name and kind; undefined where there is none. Throws KindMismatchError. */
  find<T extends ObjectView>(kind: SharedObjectKind<T>, name: string): T | undefined {
    const place = this.directory.get(kind.kind, name);
    return place && this.#claimed(this.#bind(kind, name, place));
  }

  /** The object of that name, whatever it is; undefined where there is none. */
  any(name: string): ObjectView | undefined {
    const found = this.directory.find(name);
    return found && this.#bind(this.#kindOf(found), name, found);
  }

  #kindOf({ object }: ObjectAddress): SharedObjectKind<ObjectView> {
    return this.kinds.get(this.directory.kindAt(object))!;
  }

  /** All objects that others see, in the order in which they were made. */
  *all(): Generator<ObjectView, void, undefined> {
    for (const { name } of this.directory.all()) {
      if (name.startsWith(HIDDEN)) continue;
      const bound = this.any(name);
      if (bound !== undefined) yield bound;
    }
  }

  #bind<T extends ObjectView>(kind: SharedObjectKind<T>, name: string, place: ObjectAddress): T {
    const known = this.#bound.get(name);
    if (known?.uid === place.uid) return known as T;
    const bound = kind.bind(this.surroundings, name, place, this);
    if (this.#bound.size >= this.#many) this.#forgetEnded();
    this.#bound.set(name, bound);
    return bound;
  }

  #forgetEnded(): void {
    for (const [name, bound] of this.#bound) if (!bound.there) this.#bound.delete(name);
    // Twice as many as there are: on average, finding an object looks at one other.
    this.#many = Math.max(FEW, 2 * this.#bound.size);
  }

  /** This thread has a proxy of an object: one without a name stays at least as long as it. */
  #claimed<T extends ObjectView>(bound: T): T {
    if (this.surroundings.thread.word(bound.object + O_CLAIMS) !== 0) this.directory.claim(bound);
    return bound;
  }

  /** As if this thread used the object. */
  claim(name: string): void {
    const bound = this.any(name);
    if (bound !== undefined) this.#claimed(bound);
  }

  /** Ends the object of that name, and of that kind where one is given; says whether there was one. Throws KindMismatchError. */
  destroy(name: string, kind: string): boolean {
    // A kind that shared memory does not have is another one than that of any object.
    const found = kind === '' ? this.directory.find(name) : this.directory.get(kind as SharedKind, name);
    if (found === undefined) return false;
    return this.#end(this.any(name));
  }

  #end(bound: ObjectView | undefined): boolean {
    if (bound === undefined) return false;
    this.#bound.delete(bound.name);
    const ended = this.directory.end(bound.name, bound);
    if (ended) {
      bound.ended();
      // Those who wait on a condition find in this way that they will not get its lock back.
      if (bound.kind === 'lock' || bound.kind === 'rlock') this.surroundings.thread.watch.wakeAll();
      this.observer?.ended(bound.name);
    }
    return ended;
  }

  /**
   * The objects without a name to which a payload refers. Where that goes into the memory they stay until they are
   * destroyed, whoever has a proxy. Which of the references are left is not counted.
   */
  #referred(payload: Payload): ObjectAddress[] {
    const here = ({ address, name }: Reference): boolean => address === this.surroundings.thread.region.handle.id && isAnonymous(name);
    return referencesIn(payload)
      .filter(here)
      .flatMap(({ name }) => this.directory.find(name) ?? []);
  }

  /** This thread has left: it works on none of them any more. */
  forget(): void {
    this.#bound.clear();
  }

  /** This thread lets go of an anonymous object, which ends with the last thread that has it. */
  dismiss(name: string): void {
    const bound = this.any(name);
    this.#bound.delete(name);
    if (bound !== undefined && this.directory.unclaim(bound.object, bound.uid, this.surroundings.thread.self)) this.#end(bound);
  }
}
