import type { State } from '../../proto/state.js';
import { FORM, TAG, VARINT_BYTES } from './form.js';
import { NameLists, type NameList } from './name-lists.js';

const CHUNK_BYTES = 64 * 1024;
/** Size in bytes from which a byte string or text is a chunk of its own. */
const LARGE = 16 * 1024;
/** Longest text in characters that is copied one by one, which takes less time than a call of a Buffer's methods. */
const SHORT = 32;
/** Size of a tag and of the largest number after it. */
const HEADER_BYTES = 1 + VARINT_BYTES;
/** Characters that do not fit a byte. */
const WIDE = /[^\0-\xff]/;

/**
 * Writes a state in its binary form (see form.ts), a chunk at a time. Different states have different forms, also by the type of a value or
 * the sign of a zero; equal states have the same form, and the same chunks.
 *
 * The chunks are never written again. A large byte string is itself a chunk, without a copy. The state must not change until the last chunk.
 */
export function stateChunks(state: State): Generator<Uint8Array, void, void> {
  return new StateWriter().chunks(state);
}

/** An array, or the values of an object, of which items from `at` on are not written yet. */
interface OpenList {
  readonly items: readonly State[];
  at: number;
  readonly outer: OpenList | undefined;
}

class StateWriter {
  #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  /** Part of the buffer that is written, but in no chunk yet. */
  #start = 0;
  #size = 0;
  #ready: Uint8Array[] = [];
  #open: OpenList | undefined;
  readonly #lists = new NameLists();

  *chunks(state: State): Generator<Uint8Array, void, void> {
    this.#tag(FORM);
    this.#value(state);
    while (this.#fill()) {
      yield* this.#ready;
      this.#ready = [];
    }
    this.#flush();
    yield* this.#ready;
  }

  /** Writes until a chunk is ready. Returns false at the end of the state. */
  #fill(): boolean {
    // Without recursion, so that it can pause anywhere, and a state may be nested to any depth.
    while (this.#ready.length === 0) {
      const list = this.#open;
      if (list === undefined) return false;
      if (list.at < list.items.length) this.#value(list.items[list.at++]);
      else this.#open = list.outer;
    }
    return true;
  }

  #value(state: State): void {
    switch (typeof state) {
      case 'undefined':
        return this.#tag(TAG.undefined);
      case 'boolean':
        return this.#tag(state ? TAG.true : TAG.false);
      case 'number':
        return this.#number(state);
      case 'bigint':
        return this.#bigint(state);
      case 'string':
        return this.#text(state);
      default:
        return this.#composite(state);
    }
  }

  #composite(state: State & (object | null)): void {
    if (state === null) return this.#tag(TAG.null);
    if (state instanceof Uint8Array) {
      this.#sized(TAG.bytes, state.length);
      return this.#bytes(state);
    }
    if (!isArray(state)) return this.#object(state);
    this.#sized(TAG.array, state.length);
    this.#open = { items: state, at: 0, outer: this.#open };
  }

  #object(state: Readonly<Record<string, State>>): void {
    const list = this.#lists.of(Object.keys(state));
    this.#names(list);
    this.#open = { items: list.names.map((name) => state[name]), at: 0, outer: this.#open };
  }

  #names(list: NameList): void {
    if (list.number !== undefined) return this.#sized(TAG.fields, list.number);
    this.#sized(TAG.named, list.names.length);
    for (const name of list.names) this.#text(name);
    this.#lists.number(list);
  }

  #number(number: number): void {
    if (Number.isSafeInteger(number) && number >= 0 && !Object.is(number, -0)) return this.#sized(TAG.natural, number);
    this.#makeRoom(HEADER_BYTES);
    this.#buffer[this.#size] = TAG.double;
    // NaN has many forms.
    this.#size = this.#buffer.writeDoubleLE(Number.isNaN(number) ? NaN : number, this.#size + 1);
  }

  #bigint(number: bigint): void {
    const digits = Buffer.from(number.toString(16), 'latin1');
    this.#sized(TAG.bigint, digits.length);
    this.#bytes(digits);
  }

  #text(text: string): void {
    const { length } = text;
    if (length > SHORT) return this.#longText(text);
    this.#makeRoom(2 + length);
    const start = this.#size + 2;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return this.#longText(text);
      this.#buffer[start + i] = code;
    }
    this.#buffer[this.#size] = TAG.latin1;
    this.#buffer[this.#size + 1] = length;
    this.#size = start + length;
  }

  #longText(text: string): void {
    const [tag, encoding, bytes] = WIDE.test(text) ? ([TAG.utf16, 'utf16le', 2] as const) : ([TAG.latin1, 'latin1', 1] as const);
    this.#sized(tag, text.length);
    const size = text.length * bytes;
    if (size >= LARGE) return this.#bytes(Buffer.from(text, encoding));
    this.#makeRoom(size);
    this.#size += this.#buffer.write(text, this.#size, encoding);
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length >= LARGE) {
      this.#flush();
      this.#ready.push(bytes);
      return;
    }
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  #tag(tag: number): void {
    this.#makeRoom(1);
    this.#buffer[this.#size++] = tag;
  }

  /** Writes a tag and a varint. */
  #sized(tag: number, number: number): void {
    this.#makeRoom(HEADER_BYTES);
    const buffer = this.#buffer;
    let at = this.#size;
    buffer[at++] = tag;
    let rest = number;
    // Bitwise operators have 32 bits.
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
    this.#size = at;
  }

  #makeRoom(bytes: number): void {
    if (this.#size + bytes <= CHUNK_BYTES) return;
    this.#flush();
    this.#buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#start = this.#size = 0;
  }

  /** Makes a chunk of all that is written, and leaves the rest of the buffer for the next one. */
  #flush(): void {
    if (this.#size === this.#start) return;
    this.#ready.push(this.#buffer.subarray(this.#start, this.#size));
    this.#start = this.#size;
  }
}

function isArray(state: State & object): state is readonly State[] {
  return Array.isArray(state);
}
