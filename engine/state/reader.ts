import { constants } from 'node:buffer';
import type { State } from '../../proto/state.js';
import { FORM, isNumbered, TAG, VARINT_BYTES } from './form.js';

/** Size in bytes from which content that is not wholly in a chunk is gathered as it comes. */
const LONG = 1024;
/** Memory in bytes for long content before any of it has come: its length may be damaged. */
const FIRST_BYTES = 64 * 1024;
/** Largest lengths that Node and V8 can hold. */
const MOST_BYTES = constants.MAX_LENGTH;
const MOST_CHARACTERS = constants.MAX_STRING_LENGTH;
const MOST_DIGITS = 2 ** 28;
const MOST_ITEMS = 2 ** 32 - 1;
/** Longest array with room for its items before any of them has come. */
const FIRST_ITEMS = 16;

const HEX = /^-?[0-9a-f]+$/;

/** Length or number of which only a part has come. */
const INCOMPLETE = -1;
const NOTHING = Buffer.alloc(0);
const NO_NAMES: readonly string[] = [];
const NO_ITEMS: State[] = [];
const NO_FIELDS: Record<string, State> = {};

/** A state cannot be read: its bytes are damaged, or it is of another form. */
export class DamagedStateError extends Error {
  override readonly name = 'DamagedStateError';
}

/** Reads a state from all its chunks, which may be cut in any way. @throws DamagedStateError */
export function readState(chunks: Iterable<Uint8Array>): State {
  const reader = new StateReader();
  for (const chunk of chunks) reader.push(chunk);
  return reader.end();
}

/** Content of a value, which has a length in bytes. */
type ContentTag = (typeof TAG)['bigint' | 'latin1' | 'utf16' | 'bytes'];

/** Content of which only a part has come. */
interface LongContent {
  readonly tag: ContentTag;
  readonly length: number;
  buffer: Buffer;
  filled: number;
}

/** An array, the names of an object, or its fields, of which some are missing. */
interface OpenContainer {
  type: 'array' | 'names' | 'object';
  /** The items, names or fields so far. */
  items: State[];
  fields: Record<string, State>;
  /** The names of all fields. */
  names: readonly string[];
  length: number;
  at: number;
}

/**
 * Reads a state in its binary form (see form.ts) from chunks, which may be cut in any way and written again after each call. Uses memory for
 * no more than has come, up to a constant factor, also if the bytes are damaged. Of no use after it has thrown.
 */
export class StateReader {
  #input: Buffer = NOTHING;
  #at = 0;
  /** Number of bytes before the input. */
  #position = 0;
  #begun = false;
  #long: LongContent | undefined;
  /** The containers around the next value: the first ones of the stack. The others wait to be used again. */
  #depth = 0;
  readonly #stack: OpenContainer[] = [];
  #complete = false;
  #state: State;
  /** The lists of names that have a number. */
  readonly #lists: (readonly string[])[] = [];

  /** @throws DamagedStateError */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    this.#at = 0;
    while (this.#at < this.#input.length) {
      const start = this.#at;
      if (this.#next()) continue;
      this.#at = start;
      break;
    }
    this.#position += this.#at;
    this.#input = this.#at === this.#input.length ? NOTHING : Buffer.from(this.#input.subarray(this.#at));
  }

  /** Returns the state. @throws DamagedStateError if a part of it has not come */
  end(): State {
    if (!this.#complete) throw this.#damaged('it ends too early');
    return this.#state;
  }

  /** Reads a value or a part of one. Returns false if the input ends before, and may have moved on then. */
  #next(): boolean {
    if (this.#long !== undefined) return this.#gather(this.#long);
    if (this.#complete) throw this.#damaged('more bytes follow its end');
    const tag = this.#input[this.#at++];
    if (!this.#begun) return this.#begin(tag);
    switch (tag) {
      case TAG.undefined:
        return this.#add(undefined);
      case TAG.null:
        return this.#add(null);
      case TAG.false:
        return this.#add(false);
      case TAG.true:
        return this.#add(true);
      case TAG.natural: {
        const number = this.#varint(Number.MAX_SAFE_INTEGER);
        return number !== INCOMPLETE && this.#add(number);
      }
      case TAG.double:
        return this.#double();
      case TAG.bigint:
        return this.#content(tag, this.#varint(MOST_DIGITS));
      case TAG.latin1:
        return this.#content(tag, this.#varint(MOST_CHARACTERS));
      case TAG.utf16:
        return this.#content(tag, 2 * this.#varint(MOST_CHARACTERS));
      case TAG.bytes:
        return this.#content(tag, this.#varint(MOST_BYTES));
      case TAG.array:
        return this.#array(this.#varint(MOST_ITEMS));
      case TAG.named:
        return this.#named(this.#varint(MOST_ITEMS));
      case TAG.fields:
        return this.#fields(this.#varint(MOST_ITEMS));
      default:
        throw this.#damaged(`${tag} is no type of a value`);
    }
  }

  #begin(form: number | undefined): boolean {
    if (form !== FORM) throw this.#damaged(`it is of form ${form}, and this version reads form ${FORM}`);
    return (this.#begun = true);
  }

  #double(): boolean {
    if (this.#at + 8 > this.#input.length) return false;
    const number = this.#input.readDoubleLE(this.#at);
    this.#at += 8;
    return this.#add(number);
  }

  /** Reads content of a length in bytes. */
  #content(tag: ContentTag, length: number): boolean {
    if (length < 0) return false;
    const end = this.#at + length;
    if (end <= this.#input.length) {
      const value = this.#decode(tag, this.#input, this.#at, end);
      this.#at = end;
      return this.#add(value);
    }
    if (length < LONG) return false;
    this.#long = { tag, length, buffer: Buffer.allocUnsafeSlow(Math.min(length, FIRST_BYTES)), filled: 0 };
    return true;
  }

  /** Takes the next part of long content. */
  #gather(long: LongContent): boolean {
    const part = this.#input.subarray(this.#at, this.#at + long.length - long.filled);
    const filled = long.filled + part.length;
    if (filled > long.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(long.length, Math.max(filled, 2 * long.buffer.length)));
      larger.set(long.buffer.subarray(0, long.filled));
      long.buffer = larger;
    }
    long.buffer.set(part, long.filled);
    long.filled = filled;
    this.#at += part.length;
    if (filled < long.length) return true;
    this.#long = undefined;
    return this.#add(long.tag === TAG.bytes ? new Uint8Array(long.buffer.buffer) : this.#decode(long.tag, long.buffer, 0, filled));
  }

  #decode(tag: ContentTag, bytes: Buffer, start: number, end: number): State {
    switch (tag) {
      case TAG.latin1:
        return bytes.toString('latin1', start, end);
      case TAG.utf16:
        return bytes.toString('utf16le', start, end);
      case TAG.bytes:
        // A copy: a view would keep the whole chunk.
        return new Uint8Array(bytes.subarray(start, end));
      case TAG.bigint:
        return this.#bigint(bytes.toString('latin1', start, end));
    }
  }

  #bigint(digits: string): bigint {
    if (!HEX.test(digits)) throw this.#damaged('a bigint has other characters than digits');
    return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
  }

  #array(length: number): boolean {
    if (length === INCOMPLETE) return false;
    return length === 0 ? this.#add([]) : this.#enter('array', newItems(length), NO_FIELDS, NO_NAMES, length);
  }

  #named(length: number): boolean {
    if (length === INCOMPLETE) return false;
    return length === 0 ? this.#object(this.#list([])) : this.#enter('names', newItems(length), NO_FIELDS, NO_NAMES, length);
  }

  #fields(list: number): boolean {
    if (list === INCOMPLETE) return false;
    const names = this.#lists[list];
    if (names === undefined) throw this.#damaged(`no list of names has the number ${list}`);
    return this.#object(names);
  }

  #object(names: readonly string[]): true {
    return names.length === 0 ? this.#add({}) : this.#enter('object', NO_ITEMS, {}, names, names.length);
  }

  #enter(type: OpenContainer['type'], items: State[], fields: Record<string, State>, names: readonly string[], length: number): true {
    const open = this.#stack[this.#depth++];
    if (open === undefined) {
      this.#stack.push({ type, items, fields, names, length, at: 0 });
      return true;
    }
    open.type = type;
    open.items = items;
    open.fields = fields;
    open.names = names;
    open.length = length;
    open.at = 0;
    return true;
  }

  /** Adds a value to the innermost container, and each container that is whole then to the one around it. */
  #add(value: State): true {
    let added = value;
    while (this.#depth > 0) {
      const open = this.#stack[this.#depth - 1]!;
      if (open.type === 'object') setField(open.fields, open.names[open.at]!, added);
      else open.items[open.at] = added;
      if (++open.at < open.length) return true;
      this.#depth--;
      if (open.type === 'names') return this.#object(this.#list(open.items));
      added = open.type === 'array' ? open.items : open.fields;
    }
    this.#state = added;
    return (this.#complete = true);
  }

  /** Returns a list of names, which has a number from now on if it gets one. */
  #list(items: readonly State[]): readonly string[] {
    if (!isSortedNames(items)) throw this.#damaged('names of fields are not names, or not in order');
    if (isNumbered(items, this.#lists.length)) this.#lists.push(items);
    return items;
  }

  /** Reads a number, if it is whole. */
  #varint(most: number): number {
    let number = 0;
    for (let at = this.#at, scale = 1; at < this.#input.length; scale *= 0x80) {
      const byte = this.#input[at++]!;
      number += (byte & 0x7f) * scale;
      if (number > most || at - this.#at > VARINT_BYTES) throw this.#damaged('a number or a length is too large');
      if (byte > 0x7f) continue;
      this.#at = at;
      return number;
    }
    return INCOMPLETE;
  }

  #damaged(reason: string): DamagedStateError {
    return new DamagedStateError(`The state is damaged at byte ${this.#position + this.#at}: ${reason}`);
  }
}

/** Makes room for a few items: V8 makes room for 17 where it is told nothing. The length of a longer one may be damaged. */
function newItems(length: number): State[] {
  return length <= FIRST_ITEMS ? new Array<State>(length) : [];
}

function setField(fields: Record<string, State>, name: string, value: State): void {
  // An assignment would replace the prototype.
  if (name === '__proto__') Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  else fields[name] = value;
}

function isSortedNames(items: readonly State[]): items is readonly string[] {
  return items.every((item, at) => typeof item === 'string' && (at === 0 || (items[at - 1] as string) < item));
}
