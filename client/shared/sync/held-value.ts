import { inspect } from 'node:util';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { assertStackWithin } from '../../../engine/shared/threads/stack.js';
import type { SharedMemoryValue } from '../../../engine/shared/objects/value.js';
import type { Frozen } from '../../objects/frozen.js';
import { releasedAlready, type SyncHeld } from './held.js';
import { shown } from '../../shown.js';
import { quoted } from '../../../proto/given.js';

/** Marks a value that was neither read nor assigned. */
const UNREAD = Symbol('unread');

/** A value whose lock this thread holds. */
export class SyncHeldValue<T> implements SyncHeld {
  readonly abandoned: boolean;
  #released = false;
  #value: unknown = UNREAD;
  /** True if a value was assigned and must be written. */
  #changed = false;

  /** @internal */
  constructor(
    private readonly object: SharedMemoryValue,
    /** @internal */
    readonly number: number,
    private readonly codec: ValueCodec,
  ) {
    this.abandoned = object.abandoned;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.object.name)}${this.#released ? ', released' : ''}`);
  }

  get token(): bigint {
    return BigInt(this.number);
  }

  get released(): boolean {
    return this.#released;
  }

  /** The value; an assigned one is written when the lock is released. Assigning throws the errors of {@link SharedValue.set}. */
  get value(): Frozen<T> {
    return (this.#value === UNREAD ? (this.#value = this.object.heldValue(this.codec)) : this.#value) as Frozen<T>;
  }

  set value(value: T | Frozen<T>) {
    this.#value = this.object.checked(value, this.codec);
    this.#changed = true;
  }

  /** Writes a changed value, and releases the lock. @throws NotOwnerError if it was released already */
  release(): void {
    const { object, number } = this;
    if (this.#released) throw releasedAlready(object.name);
    assertStackWithin();
    if (!this.#changed) {
      this.#released = true;
      object.free(number);
    } else if (object.type !== undefined) {
      this.#released = true;
      object.freeWith(number, this.#value as number);
    } else {
      this.#writeAndFree();
    }
  }

  /** Writes first, so that the lock is still held if the memory has no room for the value. */
  #writeAndFree(): void {
    this.object.writeValue(this.#value, this.codec);
    this.#released = true;
    this.object.free(this.number);
  }

  /** As {@link release}. */
  [Symbol.dispose](): void {
    if (!this.#released) this.release();
  }

  /** @internal */
  assertHeld(): void {
    if (this.#released) throw releasedAlready(this.object.name);
  }
}
