import { AlreadyExistsError, KindMismatchError, NotFoundError } from '../../../proto/errors.js';
import { assertName } from '../../core/object-name.js';
import { missing } from '../../core/missing.js';
import { isAnonymous } from '../../../proto/name.js';
import {
  A_DIRECTORY,
  A_UIDS,
  C_BITS,
  C_KIND,
  C_LENGTH,
  E_CELL,
  GROW,
  M_COUNT,
  O_CLAIMS,
  O_COUNTER,
  O_DATA,
  O_KIND,
  O_NAME,
  O_PINNED,
  O_SEQ,
  O_SIZE,
  O_UID,
  SHORT,
  SLOT_COUNT,
  SLOT_SIZE,
  SLOTS,
} from '../kernel/layout.js';
import { kindOf, KIND_NUMBERS, type SharedKind } from './kind-numbers.js';
import type { ObjectAddress } from '../memory/place.js';
import { arenaEnded } from '../memory/region.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import { readText, writeText } from '../memory/text.js';

/** The creation step of an object: writes its fields to zeroed memory. Blocks that it allocates belong to the object. */
export type Make = (object: number) => void;

/** An object that was found or made. */
export interface OpenedObject extends ObjectAddress {
  readonly created: boolean;
}

/** An object of the directory, with its name. */
export interface NamedObject extends ObjectAddress {
  readonly name: string;
}

const UID = 1;
/** Each object numbers its holds from a different start, so that no two holds of the arena have the same number. */
const HOLDS_OF_AN_OBJECT = 2 ** 32;
/** Number of different starts: a number has 53 bits. */
const BEGINNINGS = 2 ** 21;

/**
 * The directory of an arena, which finds objects by name. It is itself an object of the arena: a dict whose values are the offsets and uids
 * of the others. An object is made under the guard of the directory. An object is ended first, and then taken out, so that a thread never
 * has two objects' guards; in between, it is in the directory but counts as absent.
 */
export class Directory {
  /** Offset of the directory itself. */
  readonly at: number;

  constructor(private readonly thread: ArenaThread) {
    const found = thread.word(A_DIRECTORY);
    this.at = found === 0 ? this.#create() : found;
  }

  /** Called only by the thread that makes the arena, before others know it. */
  #create(): number {
    const { thread } = this;
    const object = thread.allocHeader();
    thread.region.bytes.fill(0, object, object + O_SIZE);
    thread.setWord(object + O_UID, UID);
    thread.setWord(A_UIDS, UID);
    thread.kernel.publishAll(thread.self);
    thread.setWord(A_DIRECTORY, object);
    return object;
  }

  /** Returns the object of a name; undefined if there is none. */
  find(name: string): ObjectAddress | undefined {
    return this.#guarded(() => {
      const found = this.#lookUp(name);
      return found && this.lives(found) ? found : undefined;
    });
  }

  /** Returns the object of a name and kind; undefined if there is none. @throws KindMismatchError */
  get(kind: SharedKind, name: string): ObjectAddress | undefined {
    const found = this.find(name);
    if (found !== undefined) this.#check(kind, name, found);
    return found;
  }

  /**
   * Returns the object of a name and kind, and makes it if there is none.
   * @param make creation step; without it, a missing object is not made
   * @throws KindMismatchError, NotFoundError; AlreadyExistsError if `exclusive`; OutOfMemoryError
   */
  open(kind: SharedKind, name: string, make: Make | undefined, exclusive = false): OpenedObject {
    let place: OpenedObject | ObjectAddress;
    while (!('created' in (place = this.#open(kind, name, make, exclusive)))) this.takeOut(name, place);
    return place;
  }

  /** Like {@link open}, but returns an ended object that is still under that name. */
  #open(kind: SharedKind, name: string, make: Make | undefined, exclusive: boolean): OpenedObject | ObjectAddress {
    return this.#guarded(() => {
      const found = this.#lookUp(name);
      if (found !== undefined) {
        if (!this.lives(found)) return found;
        this.#check(kind, name, found);
        if (exclusive) {
          throw new AlreadyExistsError(`there is a ${kind} "${name}" already; open it without create(), or destroy it first`, {
            object: name,
          });
        }
        return { ...found, created: false };
      }
      if (make === undefined) throw missing(name);
      assertName(name);
      return { ...this.#make(kind, name, make), created: true };
    });
  }

  #make(kind: SharedKind, name: string, make: Make): ObjectAddress {
    const { thread } = this;
    const { kernel, self } = thread;
    const shape = this.#writeKey(name);
    let answer: number;
    const object = thread.allocHeader();
    try {
      const uid = this.#nextUid();
      // Not the guard: a thread with a stale address of this memory may have it for a moment, and gives it back itself.
      thread.region.bytes.fill(0, object + O_SEQ, object + O_SIZE);
      thread.setWord(object + O_KIND, KIND_NUMBERS[kind]);
      thread.setDouble(object + O_COUNTER, ((uid >>> 0) % BEGINNINGS) * HOLDS_OF_AN_OBJECT);
      thread.setWord(object + O_NAME, writeText(thread, name));
      if (isAnonymous(name)) thread.setWord(object + O_CLAIMS, this.#claimsBlock());
      make(object);
      thread.setWord(object + O_UID, uid);
      thread.setWord(thread.cells + C_KIND, SHORT);
      thread.setWord(thread.cells + C_LENGTH, 8);
      thread.setWord(thread.cells + C_BITS, object);
      thread.setWord(thread.cells + C_BITS + 4, uid);
      // Write the key a second time: the creation step may have used the same memory.
      this.#writeKey(name);
      while ((answer = kernel.mapSet(self, this.at, UID, shape, thread.keys, thread.cells, 1)) < 0) {
        if (answer === GROW) while (thread.again(kernel.mapGrow(self, this.at, UID, 8), this.at));
        else thread.again(answer, this.at);
      }
      return { object, uid };
    } catch (error) {
      thread.setWord(object + O_UID, 0);
      kernel.discard(self);
      throw error;
    }
  }

  /** Returns a uid in 32 bits, as it is read back; after 2^32 objects they begin again. */
  #nextUid(): number {
    const { words } = this.thread.region;
    const uid = (Atomics.add(words, A_UIDS >> 2, 1) + 1) | 0;
    return uid === 0 ? this.#nextUid() : uid;
  }

  #claimsBlock(): number {
    const block = this.thread.alloc(SLOT_COUNT / 8);
    this.thread.region.bytes.fill(0, block, block + SLOT_COUNT / 8);
    return block;
  }

  /** Returns the kind of an existing object. */
  kindAt(object: number): SharedKind {
    return kindOf(this.thread.word(object + O_KIND));
  }

  /** Ends an object, takes it out, and frees its content; all its waits end. Returns false if another thread ended it. */
  end(name: string, place: ObjectAddress): boolean {
    if (this.#tellEnd(place, place.uid) < 0) return false;
    this.takeOut(name, place, true);
    return true;
  }

  /** Ends all waits of an object. @param uid the object's, or 0 if the object has ended already */
  #tellEnd({ object }: ObjectAddress, uid: number): number {
    const { kernel, self, guards } = this.thread;
    return guards.step(object, () => kernel.objectEnd(self, object, uid));
  }

  /** Takes an ended object out, whichever thread ended it, and frees its content. @param told true if all its waits have ended */
  takeOut(name: string, place: ObjectAddress, told = false): void {
    const { thread } = this;
    const { kernel, self } = thread;
    // The thread that ended it may not have ended all waits, or have died.
    if (!told && this.#tellEnd(place, 0) < 0) return;
    const taken = this.#guarded(() => {
      const found = this.#lookUp(name);
      if (found?.object !== place.object || found.uid !== place.uid) return false;
      // The content first: if this thread dies in between, the object is still found.
      thread.dispose(name, place);
      return kernel.objectDelete(self, this.at, UID, this.#writeKey(name), thread.keys) === 1;
    });
    if (taken) kernel.sweepLeft(self);
  }

  /** Returns true if a found object has not ended. */
  lives({ object, uid }: ObjectAddress): boolean {
    return this.thread.word(object + O_UID) === uid;
  }

  /** Returns all objects in the order of their creation. */
  all(): NamedObject[] {
    return this.#guarded(() => this.#named((place) => this.lives(place)));
  }

  /** Like {@link all}, without waiting: returns none if another thread works on the directory. */
  glance(): NamedObject[] {
    const { kernel, self } = this.thread;
    const entered = kernel.enterObject(self, this.at, UID);
    if (entered < 0) return [];
    try {
      this.thread.see();
      return this.#named(() => true);
    } finally {
      if (entered === 0) kernel.leaveObject(self, this.at);
    }
  }

  /** Number of objects, including ended ones that are still in the directory. */
  get count(): number {
    return this.#guarded(() => this.thread.word(this.at + O_DATA + M_COUNT));
  }

  /**
   * Finds the objects in which a dead thread may have left something, among the next entries.
   * @param from serial of the first entry to look at
   * @returns the objects, and the serial to continue with: Infinity after the last entry
   */
  leftBy(dead: number, token: number, from: number): { found: NamedObject[]; next: number } {
    const { thread } = this;
    return this.#guarded(() => {
      const count = thread.kernel.reapNext(this.at, from, dead, token, thread.out, thread.outRoom);
      const entries = Array.from({ length: count }, (_, i) => thread.word(thread.out + 8 + 4 * i));
      return { found: entries.map((entry) => this.#namedAt(this.#placeOf(entry))), next: thread.double(thread.out) };
    });
  }

  /** Returns the matching objects with their names. Requires the guard. */
  #named(wanted: (place: ObjectAddress) => boolean): NamedObject[] {
    return this.#places()
      .filter(wanted)
      .map((place) => this.#namedAt(place));
  }

  #namedAt({ object, uid }: ObjectAddress): NamedObject {
    return { object, uid, name: readText(this.thread, this.thread.word(object + O_NAME)) };
  }

  /** Returns all objects, ended ones too. Requires the guard. */
  #places(): ObjectAddress[] {
    const { kernel } = this.thread;
    const all: ObjectAddress[] = [];
    for (let at = 0, entry = kernel.mapAt(this.at, 0); entry >= 0; entry = kernel.mapAt(this.at, ++at)) {
      if (entry > 0) all.push(this.#placeOf(entry));
    }
    return all;
  }

  /** Records that this thread has a proxy of an anonymous object. */
  claim({ object, uid }: ObjectAddress): void {
    this.#mark(object, uid, this.thread.self, true);
  }

  /**
   * Records that a thread has no proxy any more.
   * @returns true if no thread has one and no object may refer to it: the object has to end
   */
  unclaim(object: number, uid: number, slot: number): boolean {
    return this.#mark(object, uid, slot, false);
  }

  #mark(object: number, uid: number, slot: number, claimed: boolean): boolean {
    const { thread } = this;
    return this.#guarded(() => {
      const claims = thread.word(object + O_CLAIMS);
      if (thread.word(object + O_UID) !== uid || claims === 0) return false;
      const index = (slot - SLOTS) / SLOT_SIZE;
      const { bytes } = thread.region;
      const bit = 1 << (index & 7);
      const at = claims + (index >> 3);
      bytes[at] = claimed ? bytes[at]! | bit : bytes[at]! & ~bit;
      if (thread.word(object + O_PINNED) !== 0) return false;
      return bytes.subarray(claims, claims + SLOT_COUNT / 8).every((byte) => byte === 0);
    });
  }

  #lookUp(name: string): ObjectAddress | undefined {
    const { thread } = this;
    const entry = thread.kernel.mapFind(this.at, this.#writeKey(name), thread.keys);
    return entry === 0 ? undefined : this.#placeOf(entry);
  }

  #placeOf(entry: number): ObjectAddress {
    return { object: this.thread.word(entry + E_CELL + C_BITS), uid: this.thread.word(entry + E_CELL + C_BITS + 4) };
  }

  #check(kind: SharedKind, name: string, { object }: ObjectAddress): void {
    const found = this.kindAt(object);
    if (found === kind) return;
    throw new KindMismatchError(`"${name}" is a ${found}, not a ${kind}; use another name, or destroy it first`, { object: name });
  }

  /** Writes a name where the kernel looks for keys, and returns its shape. */
  #writeKey(name: string): number {
    const { thread } = this;
    thread.reserveKeys(3 * name.length);
    return thread.region.bytes.write(name, thread.keys, thread.keysRoom, 'utf8') << 3;
  }

  #guarded<R>(work: () => R): R {
    return this.thread.guards.during(this.at, UID, work, () => {
      throw arenaEnded();
    });
  }
}

const directories = new WeakMap<ArenaThread, Directory>();

/** Returns the directory of an arena. */
export function directoryOf(thread: ArenaThread): Directory {
  let directory = directories.get(thread);
  if (directory === undefined) directories.set(thread, (directory = new Directory(thread)));
  return directory;
}

/** Creates the error of a call on a destroyed object. */
export function destroyed(name: string): NotFoundError {
  return new NotFoundError(`"${name}" was destroyed`, { object: name });
}
