import { canonical } from '../../../proto/codec/canonical.js';
import { partForms } from '../../../proto/codec/canonical-value.js';
import { encodeJson, isJsonPayload } from '../../../proto/codec/json.js';
import { decodeOpaque, encodePayload, type Opaque } from '../../../proto/codec/payload.js';
import { guarded, MAX_DEPTH } from '../../../proto/codec/refuse.js';
import { InvalidArgumentError, NotFoundError, PayloadTooLargeError } from '../../../proto/errors.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { compact } from '../collections/bytes.js';
import type { MemoryDict } from './dict.js';
import { nounOf, pathText, placeIn, type Slot, type Root } from './slots.js';

/** What a message needs beside a key and its value, generously. */
const OVERHEAD = 128;

/**
 * A visit to a place inside of the value under a key. What it changes is a copy of its own, until
 * {@link store}: where it fails before, nothing has happened.
 */
export class PathCursor {
  /** The value under the key. */
  readonly root: LazyValue;

  constructor(
    readonly dict: MemoryDict,
    readonly key: Key,
    readonly path: readonly Key[],
    /** Bytes that a message has at most. */
    readonly most: number,
  ) {
    if (path.length > MAX_DEPTH) {
      throw new InvalidArgumentError(`a path of ${path.length} steps: no value is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.root = new LazyValue(dict.get(key));
  }

  /** The place for one who reads or removes; undefined where something on the way to it is absent or null. */
  find(): Slot | undefined {
    return this.#walk(false);
  }

  /** The place for one who writes. Throws NotFoundError where something on the way to it is absent. */
  reach(): Slot {
    return this.#walk(true)!;
  }

  #walk(writes: boolean): Slot | undefined {
    let place: Slot = this.root;
    for (const [steps, step] of this.path.entries()) {
      const container = place.get();
      if (!writes && (container === undefined || container === null)) return undefined;
      if (container === undefined) {
        throw new NotFoundError(`there is nothing at ${this.where(steps)}: store something there first`, { object: this.dict.name });
      }
      place = placeIn(this.root, container, step, () => this.where(steps));
    }
    return place;
  }

  /** Says for messages where the path, or its first steps, lead. */
  where(steps = this.path.length): string {
    return pathText(this.key, this.path.slice(0, steps));
  }

  /** The error of an operation that finds something else than it is for. */
  unfit(operation: string, found: unknown, wanted: string): InvalidArgumentError {
    return new InvalidArgumentError(`${operation}: ${this.where()} is ${nounOf(found)}, not ${wanted}`, { object: this.dict.name });
  }

  /** Stores what was changed. Throws, storing nothing, where the value would be larger than a message can be. */
  store(): void {
    const { stored } = this.root;
    const value = this.root.read();
    if (value === stored) return;
    if (value === undefined) {
      this.dict.delete(this.key);
      return;
    }
    // What was there may shrink, however large it is.
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

/** A value as it travels: taken apart where that is needed, and put together again where it was changed. */
class LazyValue implements Slot, Root {
  #payload: Payload | undefined;
  #parts: Opaque | undefined;
  /** The payload is no longer what the parts are. */
  #changed = false;
  #form: ((part: unknown) => string) | undefined;

  constructor(
    /** The value as it was. */
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

  /** A part of it as it travels: as `json` where it is `json` itself and JSON says all of the part. */
  encode(part: unknown): Payload {
    const asJson = typeof part === 'object' && part !== null && this.stored !== undefined && isJsonPayload(this.stored);
    return (asJson ? encodeJson(part) : undefined) ?? encodePayload(part);
  }

  /** Compares parts of it, while it is as it was, with what travelled. */
  comparer(value: Payload): (part: unknown) => boolean {
    const wanted = canonical(value);
    return (part) => this.form(part) === wanted;
  }

  /** What a part of it, while it is as it was, has in common with all that is equal: see `canonical`. */
  form(part: unknown): string {
    const form = (this.#form ??= partForms(this.#opened().graph, this.stored?.length ?? 0));
    return guarded(() => form(part));
  }

  #opened(): Opaque {
    return (this.#parts ??= this.#payload === undefined ? NOTHING : decodeOpaque(this.#payload));
  }
}
