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

/** A kind of objects: creation, and binding to a thread. */
export interface SharedObjectKind<T extends ObjectView> {
  readonly kind: SharedKind;
  /** Returns the creation step; absent if a name alone does not make an object of the kind. */
  readonly make?: ((surroundings: EngineContext) => Make) | undefined;
  readonly bind: (surroundings: EngineContext, name: string, place: ObjectAddress, objects: Objects) => T;
}

/** Options of {@link Objects.create}. */
export interface ObjectCreation {
  name: string;
  exclusive?: boolean;
  ttlMs?: number | undefined;
}

/** Prefix for names of objects that this package alone uses: no list shows them. */
export const HIDDEN = '\0';

/** Number of known objects up to which ended ones are never looked for. */
const FEW = 256;

/** Observes the objects that this thread makes and ends. */
export interface ObjectsObserver {
  /** Throws if there must be no object of that name here. */
  allow(name: string): void;
  made(kind: SharedKind, name: string): void;
  ended(name: string): void;
}

/** The objects of an arena, as one thread works on them. It remembers found objects by name. */
export class Objects {
  readonly #bound = new Map<string, ObjectView>();
  /** Number of known objects at which the next one makes this thread forget objects that other threads ended. */
  #many = FEW;
  readonly directory: Directory;
  observer: ObjectsObserver | undefined;

  constructor(
    readonly surroundings: EngineContext,
    /** The kinds by name. */
    readonly kinds: ReadonlyMap<SharedKind, SharedObjectKind<ObjectView>>,
  ) {
    this.directory = directoryOf(surroundings.thread);
    const { thread } = surroundings;
    thread.findReferred = (payload) => this.#referred(payload);
    thread.dispose = (name, place) => this.#kindOf(place).bind(surroundings, name, place, this).dispose();
    thread.orphaned = (name) => this.#end(this.any(name));
    thread.guards.describe = (object, owner, looks) => standstill(thread, this.directory, object, owner, looks);
  }

  /**
   * Returns the object of a name and kind, and makes it if a name alone is enough for the kind; otherwise see {@link create}.
   * @throws NotFoundError, KindMismatchError
   */
  open<T extends ObjectView>(kind: SharedObjectKind<T>, name: string, context?: Pick<CallContext, 'readOnly'>): T {
    const known = this.#known(kind, name);
    if (known !== undefined) return known;
    this.#allow(name);
    const made = context?.readOnly === true || isAnonymous(name) ? undefined : kind.make?.(this.surroundings);
    const place = this.directory.open(kind.kind, name, made);
    const object = this.#claimed(this.#bind(kind, name, place));
    if (place.created) this.observer?.made(kind.kind, name);
    return object;
  }

  /** Returns the object of a name and kind if this thread has found it before and it has not ended. */
  #known<T extends ObjectView>(kind: SharedObjectKind<T>, name: string): T | undefined {
    const known = this.#bound.get(name);
    return known?.kind === kind.kind && known.there ? (known as T) : undefined;
  }

  /** Throws if the arena is closed, or must not have an object of that name. */
  #allow(name: string): void {
    const { thread } = this.surroundings;
    if (thread.closed) throw arenaEnded();
    this.observer?.allow(name);
  }

  /** Like {@link open}, with the name of a kind. @throws UnimplementedError if shared memory does not support the kind */
  openNamed(kind: string, name: string): ObjectView {
    const known = this.kinds.get(kind as SharedKind);
    if (known === undefined) throw new UnimplementedError(`shared memory has no ${kind}: its home has to be a manager`, { object: name });
    return this.open(known, name);
  }

  /** Like {@link open}, with a creation step. @throws UnimplementedError for a time to live */
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

  /** Returns the object of a name and kind; undefined if there is none. @throws KindMismatchError */
  find<T extends ObjectView>(kind: SharedObjectKind<T>, name: string): T | undefined {
    const place = this.directory.get(kind.kind, name);
    return place && this.#claimed(this.#bind(kind, name, place));
  }

  /** Like {@link find}, but like {@link open} faster for an object that this thread has found before. */
  present<T extends ObjectView>(kind: SharedObjectKind<T>, name: string): T | undefined {
    const known = this.#known(kind, name);
    if (known !== undefined) return known;
    this.#allow(name);
    return this.find(kind, name);
  }

  /** Returns the object of a name, of any kind; undefined if there is none. */
  any(name: string): ObjectView | undefined {
    const found = this.directory.find(name);
    return found && this.#bind(this.#kindOf(found), name, found);
  }

  #kindOf({ object }: ObjectAddress): SharedObjectKind<ObjectView> {
    return this.kinds.get(this.directory.kindAt(object))!;
  }

  /** Yields all visible objects in the order of their creation. */
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
    known?.forgotten();
    if (this.#bound.size >= this.#many) this.#forgetAllEnded();
    this.#bound.set(name, bound);
    return bound;
  }

  /** Forgets the object of a name, if this thread has found one that has ended. */
  forgetEnded(name: string): void {
    const known = this.#bound.get(name);
    if (known?.there === false) this.#forget(known);
  }

  #forget(bound: ObjectView): void {
    this.#bound.delete(bound.name);
    bound.forgotten();
  }

  #forgetAllEnded(): void {
    for (const bound of this.#bound.values()) if (!bound.there) this.#forget(bound);
    // Twice the present number: on average, each new object costs a look at one other.
    this.#many = Math.max(FEW, 2 * this.#bound.size);
  }

  /** Records that this thread has a proxy of an object, which keeps an anonymous object alive. */
  #claimed<T extends ObjectView>(bound: T): T {
    if (this.surroundings.thread.word(bound.object + O_CLAIMS) !== 0) this.directory.claim(bound);
    return bound;
  }

  /** Records a proxy of the object of a name, if there is one. */
  claim(name: string): void {
    const bound = this.any(name);
    if (bound !== undefined) this.#claimed(bound);
  }

  /** Ends the object of a name, and of a kind unless that is empty. Returns false if there was none. @throws KindMismatchError */
  destroy(name: string, kind: string): boolean {
    // A kind that shared memory does not support differs from that of each object.
    const found = kind === '' ? this.directory.find(name) : this.directory.get(kind as SharedKind, name);
    if (found === undefined) {
      this.forgetEnded(name);
      return false;
    }
    return this.#end(this.any(name));
  }

  #end(bound: ObjectView | undefined): boolean {
    if (bound === undefined) return false;
    this.#forget(bound);
    const ended = this.directory.end(bound.name, bound);
    if (ended) {
      bound.ended();
      // Wakes waits on a condition, which find that they cannot get its lock back.
      if (bound.kind === 'lock' || bound.kind === 'rlock') this.surroundings.thread.watch.wakeAll();
      this.observer?.ended(bound.name);
    }
    return ended;
  }

  /**
   * Returns the anonymous objects that a payload refers to. Writing it pins them: they stay until they are destroyed, even without proxies.
   * References that are removed later are not counted.
   */
  #referred(payload: Payload): ObjectAddress[] {
    const here = ({ address, name }: Reference): boolean => address === this.surroundings.thread.region.handle.id && isAnonymous(name);
    return referencesIn(payload)
      .filter(here)
      .flatMap(({ name }) => this.directory.find(name) ?? []);
  }

  /** Forgets all objects, after this thread has left. */
  forget(): void {
    this.#bound.clear();
  }

  /** Records that this thread has no proxy of an anonymous object any more. The object ends with the last thread's proxy. */
  dismiss(name: string): void {
    const bound = this.any(name);
    this.#bound.delete(name);
    if (bound !== undefined && this.directory.unclaim(bound.object, bound.uid, this.surroundings.thread.self)) this.#end(bound);
  }
}
