import { canonical } from '../../../proto/codec/canonical.js';
import { partForms } from '../../../proto/codec/canonical-value.js';
import { encodeJson, isJsonPayload } from '../../../proto/codec/json.js';
import { decodeOpaque, encodePayload, type Opaque } from '../../../proto/codec/payload.js';
import { guarded, MAX_DEPTH } from '../../../proto/codec/refuse.js';
import { InvalidArgumentError, NotFoundError, PayloadTooLargeError } from '../../../proto/errors.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { compact } from '../collections/bytes.js';
import type { MemoryDict } from './dict.js';
import { nounOf, pathText, slotIn, type Slot, type Root } from './slots.js';

/** Bytes of a message reserved for everything beside a key and its value. */
const OVERHEAD = 128;

/**
 * One operation inside the value under a key. Works on a decoded copy until {@link store}, so that an operation that fails before changes
 * nothing.
 */
export class PathCursor {
  /** The value under the key. */
  readonly root: LazyValue;

  constructor(
    readonly dict: MemoryDict,
    readonly key: Key,
    readonly path: readonly Key[],
    /** Maximum size of a message in bytes. */
    readonly most: number,
  ) {
    if (path.length > MAX_DEPTH) {
      throw new InvalidArgumentError(`a path of ${path.length} steps: no value is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.root = new LazyValue(dict.get(key));
  }

  /** Returns the slot at the path for reading or removing, or undefined if something on the way is absent or null. */
  find(): Slot | undefined {
    return this.#walk(false);
  }

  /** Returns the slot at the path for writing. Throws NotFoundError if something on the way is absent. */
  reach(): Slot {
    return this.#walk(true)!;
  }

  #walk(writes: boolean): Slot | undefined {
    let slot: Slot = this.root;
    for (const [steps, step] of this.path.entries()) {
      const container = slot.get();
      if (!writes && (container === undefined || container === null)) return undefined;
      if (container === undefined) {
        throw new NotFoundError(`there is nothing at ${this.where(steps)}: store something there first`, { object: this.dict.name });
      }
      slot = slotIn(this.root, container, step, () => this.where(steps));
    }
    return slot;
  }

  /** Formats the path, or its first steps, for messages. */
  where(steps = this.path.length): string {
    return pathText(this.key, this.path.slice(0, steps));
  }

  /** The error for an operation that does not apply to the value found. */
  unfit(operation: string, found: unknown, wanted: string): InvalidArgumentError {
    return new InvalidArgumentError(`${operation}: ${this.where()} is ${nounOf(found)}, not ${wanted}`, { object: this.dict.name });
  }

  /** Stores the changed value. Throws PayloadTooLargeError, and stores nothing, if the value is larger than a message can be. */
  store(): void {
    const { stored } = this.root;
    const value = this.root.read();
    if (value === stored) return;
    if (value === undefined) {
      this.dict.delete(this.key);
      return;
    }
    // A value that is already larger may be stored as long as it does not grow.
    const room = Math.max(this.most - OVERHEAD - keyBytes(this.key), stored?.length ?? 0);
    if (value.length > room) {
      throw new PayloadTooLargeError(
        `the value at ${pathText(this.key, [])} would have ${value.length} bytes: messages have ${this.most} at most (--max-payload)`,
        { object: this.dict.name },
      );
    }
    this.dict.replace(this.key, compact(value));
  }
}

function keyBytes(key: Key): number {
  if (typeof key === 'string') return Buffer.byteLength(key);
  return typeof key === 'object' ? key.length : 0;
}

const NOTHING: Opaque = { value: undefined, graph: false };

/** A value as a payload, which is decoded when an operation looks inside and encoded again when one has changed it. */
class LazyValue implements Slot, Root {
  #payload: Payload | undefined;
  #parts: Opaque | undefined;
  /** True if the parts were changed since the payload was encoded. */
  #changed = false;
  #form: ((part: unknown) => string) | undefined;

  constructor(
    /** The value as stored before the operation. */
    readonly stored: Payload | undefined,
  ) {
    this.#payload = stored;
  }

  get(): unknown {
    return this.#opened().value;
  }

  read(): Payload | undefined {
    if (this.#changed) this.#payload = this.encode(this.get());
    this.#changed = false;
    return this.#payload;
  }

  has(): boolean {
    return this.stored !== undefined;
  }

  put(value: unknown): void {
    this.#parts = { value, graph: false };
    this.#changed = true;
  }

  write(value: Payload): void {
    this.#payload = value;
    this.#parts = undefined;
    this.#changed = false;
  }

  delete(): boolean {
    this.#payload = undefined;
    this.#parts = NOTHING;
    this.#changed = false;
    return this.has();
  }

  changed(): void {
    this.#changed = true;
  }

  /** Encodes a part. Uses JSON if the stored value is JSON and the part survives it without loss. */
  encode(part: unknown): Payload {
    const asJson = typeof part === 'object' && part !== null && this.stored !== undefined && isJsonPayload(this.stored);
    return (asJson ? encodeJson(part) : undefined) ?? encodePayload(part);
  }

  /** Returns a function that compares parts of the unchanged value with a payload. */
  comparer(value: Payload): (part: unknown) => boolean {
    const wanted = canonical(value);
    return (part) => this.form(part) === wanted;
  }

  /** Returns the canonical form of a part of the unchanged value, which equal values share: see `canonical`. */
  form(part: unknown): string {
    const form = (this.#form ??= partForms(this.#opened().graph, this.stored?.length ?? 0));
    return guarded(() => form(part));
  }

  #opened(): Opaque {
    return (this.#parts ??= this.#payload === undefined ? NOTHING : decodeOpaque(this.#payload));
  }
}
