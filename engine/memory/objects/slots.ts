import { binaryClass, isBytes } from '../../../proto/codec/binary.js';
import { storedPayload, type Elements } from '../../../proto/codec/elements.js';
import { kindOf } from '../../../proto/codec/kinds.js';
import { decodeOpaque } from '../../../proto/codec/payload.js';
import { referenceOf, type Referable } from '../../../proto/codec/reference.js';
import { coerce, type Typecode } from '../../../proto/codec/typecode.js';
import { InvalidArgumentError, OutOfRangeError } from '../../../proto/errors.js';
import type { Key, Payload } from '../../../proto/wire/values.js';

/** A position inside a decoded value, which may be empty. */
export interface Slot {
  /** Returns the decoded content, or undefined if there is none. */
  get(): unknown;
  /** Returns the encoded content. */
  read(): Payload | undefined;
  has(): boolean;
  put(value: unknown): void;
  /** Decodes a payload, and puts the value here. */
  write(value: Payload): void;
  /** Removes the position. Returns false if it was empty. */
  delete(): boolean;
}

/** The decoded value that contains the slots. */
export interface Root {
  /** Encodes a part of the value. */
  encode(part: unknown): Payload;
  /** Called when a part of the value was changed. */
  changed(): void;
}

/** Returns the slot for a step in a container. `where` formats the path of the container for messages. */
export function slotIn(root: Root, container: unknown, step: Key, where: () => string): Slot {
  if (typeof container === 'object' && container !== null) {
    switch (kindOf(container)) {
      case 'object':
        return new Property(root, container, nameIn(step, where));
      case 'array':
        return new Element(root, container as unknown[], step, where);
      case 'map':
        return new MapSlot(root, container as Map<unknown, unknown>, step);
      case 'view':
        if (binaryClass(container as ArrayBufferView) === 'DataView') break;
        return new NumberElement(root, container as Elements, step, where);
      default:
        break;
    }
  }
  throw new InvalidArgumentError(`${where()} is ${nounOf(container)}: ${adviceOn(container)}`);
}

/** Names the type of a value for messages. */
export function nounOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'a text';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const kind = kindOf(value);
  switch (kind) {
    case 'reference': {
      const { kind: referred, name } = referenceOf(value as Referable);
      return `a reference to the ${referred} ${quoted(name)}`;
    }
    case 'buffer':
    case 'view': {
      const name = binaryClass(value as ArrayBuffer | ArrayBufferView);
      return `${/^[AI]/.test(name) ? 'an' : 'a'} ${name}`;
    }
    default:
      return NOUNS[kind];
  }
}

const NOUNS = {
  object: 'an object',
  array: 'an array',
  map: 'a Map',
  set: 'a Set',
  date: 'a Date',
  regexp: 'a RegExp',
  error: 'an Error',
  foreign: 'a protobuf message',
} as const;

function adviceOn(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'nothing lies inside of it';
  const kind = kindOf(value);
  if (kind === 'set') return 'its members have no places; use includes(), addMembers() and remove()';
  if (kind === 'reference') return 'work with that object itself';
  return 'it has no places inside; replace it as a whole';
}

/** Formats a path, for example `["ada"].tags[0]`. Leaves out the middle of a long one. */
export function pathText(key: Key, path: readonly Key[]): string {
  const steps = path.map((step) =>
    typeof step === 'string' && /^[\p{L}_$][\p{L}\p{N}_$]{0,39}$/u.test(step) ? `.${step}` : `[${shown(step)}]`,
  );
  if (steps.length > 10) steps.splice(4, steps.length - 8, '…');
  return `[${shown(key)}]${steps.join('')}`;
}

function shown(step: Key): string {
  if (typeof step === 'object') return `${step.length} bytes`;
  return typeof step === 'string' ? quoted(step) : `${step}${typeof step === 'bigint' ? 'n' : ''}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function nameIn(step: Key, where: () => string): string {
  if (typeof step === 'string') return step;
  const advice = typeof step === 'number' || typeof step === 'bigint' ? `; give "${step}"` : '';
  throw new InvalidArgumentError(`${where()} is an object: its properties are named by texts, not by ${shown(step)}${advice}`);
}

/** Converts an index, which counts from the end if negative. The result may be out of range. */
function indexIn(container: { readonly length: number }, step: Key, where: () => string): number {
  if (typeof step === 'number' && Number.isInteger(step)) return step < 0 ? step + container.length : step;
  throw new InvalidArgumentError(`${where()} is ${nounOf(container)}: its elements are named by whole numbers, not by ${shown(step)}`);
}

function outOfRange(container: { readonly length: number }, step: Key, where: () => string): OutOfRangeError {
  const more = Array.isArray(container) ? ': push() and insert() add' : '';
  return new OutOfRangeError(`index ${step as number} of ${nounOf(container)} of ${container.length} at ${where()}${more}`);
}

/** Decodes a payload to store. Throws if it is `undefined`. */
export function storable(payload: Payload): unknown {
  const { value } = decodeOpaque(payload);
  if (value === undefined) throw new InvalidArgumentError('undefined cannot be stored: use null, or delete the place');
  return value;
}

abstract class Inner implements Slot {
  constructor(protected readonly root: Root) {}

  abstract get(): unknown;
  abstract has(): boolean;
  protected abstract replace(value: unknown): void;
  protected abstract remove(): void;

  read(): Payload | undefined {
    const value = this.get();
    return value === undefined ? undefined : this.root.encode(value);
  }

  put(value: unknown): void {
    this.replace(value);
    this.root.changed();
  }

  write(value: Payload): void {
    this.put(storable(value));
  }

  delete(): boolean {
    if (!this.has()) return false;
    this.remove();
    this.root.changed();
    return true;
  }
}

/** A property of a plain object. Only own properties count as data. */
class Property extends Inner {
  constructor(
    root: Root,
    readonly container: object,
    readonly name: string,
  ) {
    super(root);
  }

  has(): boolean {
    return Object.hasOwn(this.container, this.name);
  }

  get(): unknown {
    return this.has() ? (this.container as Record<string, unknown>)[this.name] : undefined;
  }

  protected replace(value: unknown): void {
    // Not an assignment, because that would set the prototype for the name `__proto__`.
    Object.defineProperty(this.container, this.name, { value, enumerable: true, configurable: true, writable: true });
  }

  protected remove(): void {
    Reflect.deleteProperty(this.container, this.name);
  }
}

/** An entry of a Map. */
class MapSlot extends Inner {
  readonly key: unknown;

  constructor(
    root: Root,
    readonly container: Map<unknown, unknown>,
    step: Key,
  ) {
    super(root);
    this.key = typeof step === 'object' ? sameBytes(container, step) : step;
  }

  has(): boolean {
    return this.container.has(this.key);
  }

  get(): unknown {
    return this.container.get(this.key);
  }

  protected replace(value: unknown): void {
    this.container.set(this.key, value);
  }

  protected remove(): void {
    this.container.delete(this.key);
  }
}

/** Finds the key of a Map with the same bytes, because a Map compares byte arrays by identity. */
function sameBytes(map: Map<unknown, unknown>, bytes: Uint8Array): Uint8Array {
  for (const key of map.keys()) if (isBytes(key) && Buffer.compare(key, bytes) === 0) return key;
  return bytes;
}

/** An element of an array. */
class Element extends Inner {
  readonly index: number;

  constructor(
    root: Root,
    readonly container: unknown[],
    readonly step: Key,
    readonly where: () => string,
  ) {
    super(root);
    this.index = indexIn(container, step, where);
  }

  get #within(): boolean {
    return this.index >= 0 && this.index < this.container.length;
  }

  has(): boolean {
    return this.#within && this.index in this.container;
  }

  get(): unknown {
    return this.#within ? this.container[this.index] : undefined;
  }

  protected replace(value: unknown): void {
    if (!this.#within) throw outOfRange(this.container, this.step, this.where);
    this.container[this.index] = value;
  }

  protected remove(): void {
    this.container.splice(this.index, 1);
  }
}

const TYPES: Readonly<Record<string, Typecode>> = {
  Int8Array: 'i8',
  Uint8Array: 'u8',
  Uint8ClampedArray: 'u8',
  Int16Array: 'i16',
  Uint16Array: 'u16',
  Int32Array: 'i32',
  Uint32Array: 'u32',
  BigInt64Array: 'i64',
  BigUint64Array: 'u64',
  Float16Array: 'f32',
  Float32Array: 'f32',
  Float64Array: 'f64',
};

/** An element of a typed array. */
class NumberElement extends Inner {
  readonly index: number;
  readonly type: Typecode;

  constructor(
    root: Root,
    readonly container: Elements,
    readonly step: Key,
    readonly where: () => string,
  ) {
    super(root);
    this.index = indexIn(container, step, where);
    this.type = TYPES[binaryClass(container)]!;
  }

  has(): boolean {
    return this.index >= 0 && this.index < this.container.length;
  }

  get(): unknown {
    return this.has() ? this.container[this.index] : undefined;
  }

  override write(value: Payload): void {
    this.put(storedPayload(this.type, value));
  }

  protected replace(value: unknown): void {
    if (!this.has()) throw outOfRange(this.container, this.step, this.where);
    const element = coerce(this.type, value) as number | bigint;
    this.container[this.index] = element;
    // A number that fits a Float32 may still overflow a Float16.
    if (Number.isFinite(element) && !Number.isFinite(this.container[this.index]) && typeof element === 'number') {
      throw new OutOfRangeError(`${element} does not fit ${nounOf(this.container)} at ${this.where()}`);
    }
  }

  protected remove(): void {
    throw new InvalidArgumentError(`${this.where()} is ${nounOf(this.container)}, whose length is fixed: its elements cannot be removed`);
  }
}
