import { equalPayloads } from '../../../proto/codec/equal.js';
import { coerce, coercePayload, INTEGERS, type Typecode } from '../../../proto/codec/typecode.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import type { Payload } from '../../../proto/wire/values.js';
import { sum } from '../../core/arithmetic.js';
import type { EngineContext } from './object-view.js';
import {
  copiedPayload,
  copiedValue,
  copyValue,
  decoded,
  encoded,
  PAYLOADS,
  readPayload,
  writePayload,
  writeReady,
  writeValue,
  type ValueCodec,
} from '../memory/cells.js';
import type { Make } from './directory.js';
import {
  C_BITS,
  C_KIND,
  GONE,
  LONG,
  O_DATA,
  OUT_OF_RANGE,
  PASS,
  V_CELL,
  V_INTEGER,
  V_MAX,
  V_MIN,
  V_NUMBER,
  V_TYPE,
  WAIT,
} from '../kernel/layout.js';
import { SharedMutex } from './mutex.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** Typecodes by their numbers in the memory; 0 stands for any payload. */
export const TYPECODES: readonly (Typecode | undefined)[] = [
  undefined,
  'i8',
  'u8',
  'i16',
  'u16',
  'i32',
  'u32',
  'i64',
  'u64',
  'f32',
  'f64',
  'bool',
];

/** A value in shared memory, with a lock of its own. A typed value is 64 bits, read and written atomically; an untyped one is a cell. */
export class SharedMemoryValue extends SharedMutex {
  readonly type: Typecode | undefined;
  /** True if its 64 bits are a double that is the value itself. */
  readonly #double: boolean;

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'value', name, place);
    this.type = TYPECODES[this.thread.word(this.data + V_TYPE)];
    this.#double = this.type !== undefined && this.type !== 'i64' && this.type !== 'u64' && this.type !== 'bool';
  }

  override get bytes(): number {
    return this.payload().length;
  }

  override options(): Record<string, string> {
    return this.type === undefined ? {} : { type: this.type };
  }

  // ── typed values ──

  /** Returns the number as last written. */
  number(): number | bigint | boolean {
    const { thread } = this;
    if (this.kernel.numberGet(this.object, this.uid, thread.out) !== 0) this.again(GONE);
    return shown(this.type!, thread, thread.out);
  }

  /** Replaces the number as soon as the lock is free. Throws if the value does not fit the type. */
  setNumber(value: unknown, timeout: number | undefined): void {
    const checked = coerce(this.type!, value);
    const { thread } = this;
    store(thread, thread.out, checked);
    const answer = this.kernel.numberSet(this.self, this.object, this.uid, thread.out);
    if (answer === WAIT) this.whileFree(timeout, () => this.#write(checked));
    else this.passedOn(answer);
  }

  /** Adds to the number as soon as the lock is free, and returns the sum. */
  addNumber(delta: unknown, timeout: number | undefined): number | bigint | boolean {
    const { thread, type } = this;
    if (typeof delta !== 'number' || type === 'i64' || type === 'u64' || type === 'bool' || type === 'f32') {
      return this.whileFree(timeout, () => this.#addHeld(delta));
    }
    const answer = this.kernel.numberAdd(this.self, this.object, this.uid, delta, thread.out);
    const result = thread.double(thread.out);
    if (answer === 0) return result;
    if (answer === WAIT) return this.whileFree(timeout, () => this.#addHeld(delta));
    this.passedOn(answer === OUT_OF_RANGE ? PASS : answer);
    if (answer === OUT_OF_RANGE) coerce(type!, result);
    return result;
  }

  #addHeld(delta: unknown): number | bigint | boolean {
    const payload = coercePayload(this.type!, sum(encodePayload(this.number()), encodePayload(delta)));
    const next = decodeOpaque(payload).value as number | bigint | boolean;
    this.#write(next);
    return next;
  }

  #write(checked: number | bigint | boolean): void {
    const { thread } = this;
    store(thread, thread.out, checked);
    this.kernel.numberWrite(this.object, thread.out);
  }

  /** Returns the value. Requires the lock. */
  heldValue(codec: ValueCodec): unknown {
    return this.#double && codec.plain ? this.thread.double(this.data + V_NUMBER) : this.get(codec);
  }

  /** Replaces the number by one that was {@link checked}, and gives back the hold of this number, in one step. @throws NotOwnerError */
  freeWith(number: number, value: number | bigint | boolean): void {
    const answer =
      typeof value === 'number' ? this.kernel.doubleFree(this.self, this.object, number, value) : this.#freeWith(number, value);
    if (answer !== 0) this.freed(answer, number);
  }

  #freeWith(number: number, value: bigint | boolean): number {
    const { thread } = this;
    store(thread, thread.out, value);
    return this.kernel.numberFree(this.self, this.object, number, thread.out);
  }

  // ── all values ──

  /** Changes the value under the hold of this number, and gives the hold back in any case. Returns the stored value. */
  updateHeld(number: number, change: (value: unknown) => unknown, codec: ValueCodec): unknown {
    let next: unknown;
    try {
      next = this.checked(change(this.heldValue(codec)), codec);
      if (this.type === undefined) this.writeValue(next, codec);
    } catch (error) {
      this.free(number);
      throw error;
    }
    if (this.type === undefined) this.free(number);
    else this.freeWith(number, next as number);
    return next;
  }

  /** Returns the value as last written, without waiting for the lock. */
  get(codec: ValueCodec): unknown {
    if (this.type !== undefined) {
      const number = this.number();
      return codec.plain ? number : codec.decode(encodePayload(number));
    }
    const { thread } = this;
    // The decoder may run users' code: outside of the guard it blocks no other thread.
    return this.#inMyMemory()
      ? copiedValue(thread, codec)
      : decoded(
          this.guarded(() => copyValue(thread, this.data + V_CELL, codec)),
          codec,
        );
  }

  /** Like {@link get}, but returns a payload. */
  payload(): Payload {
    if (this.type !== undefined) return encodePayload(this.number());
    const { thread } = this;
    return this.#inMyMemory() ? copiedPayload(thread) : this.guarded(() => readPayload(thread, this.data + V_CELL));
  }

  /** Copies the cell to the thread's scratch memory. Returns false if it is too long, or keeps changing. */
  #inMyMemory(): boolean {
    const { thread, kernel } = this;
    const answer = kernel.cellGet(this.object, this.uid, O_DATA + V_CELL, thread.out, thread.outRoom);
    if (answer === GONE) this.again(answer);
    return answer === 0;
  }

  /** Writes a value. Requires the lock. */
  write(payload: Payload): void {
    if (this.type !== undefined) this.#write(decodeOpaque(coercePayload(this.type, payload)).value as number | bigint | boolean);
    else this.#writeCell((cell) => writePayload(this.thread, cell, payload));
  }

  /** Like {@link write}, for a user's value that was {@link checked}. */
  writeValue(value: unknown, codec: ValueCodec): void {
    if (this.type !== undefined) this.#write(value as number);
    else this.#writeCell((cell) => writeValue(this.thread, cell, value, codec));
  }

  #writeCell(write: (cell: number) => void): void {
    const { thread, kernel } = this;
    write(thread.cells);
    while (this.again(kernel.cellSet(this.self, this.object, this.uid, O_DATA + V_CELL, thread.cells)));
  }

  /** Adds to the value as soon as the lock is free, and returns the sum. */
  addValue(delta: unknown, timeout: number | undefined): unknown {
    if (this.type !== undefined) return this.addNumber(delta, timeout);
    return this.whileFree(timeout, () => decodeOpaque(this.add(encodePayload(delta))).value);
  }

  /** Returns the value as it would be read after a write. Throws if it does not fit the type. */
  checked(value: unknown, codec: ValueCodec): unknown {
    return this.type === undefined ? travelled(value, codec) : coerce(this.type, value);
  }

  /** Adds, and returns the sum as a payload. Requires the lock. */
  add(delta: Payload): Payload {
    const result = sum(this.payload(), delta);
    this.write(result);
    return this.type === undefined ? result : this.payload();
  }

  /** Replaces the value if it is deeply equal to the expected one. Requires the lock. */
  swap(expected: Payload, next: Payload): boolean {
    if (!equalPayloads(this.payload(), expected)) return false;
    this.write(next);
    return true;
  }

  override dispose(): void {
    const { thread, kernel } = this;
    const cell = this.data + V_CELL;
    if (this.type === undefined && thread.word(cell + C_KIND) === LONG) kernel.dropField(this.self, cell + C_BITS);
  }
}

/** Returns the value as another thread would get it. */
function travelled(value: unknown, codec: ValueCodec): unknown {
  return typeof value === 'object' && value !== null ? codec.decode(codec.encode(value)) : value;
}

/** Writes a number in the 64 bits of a typed value. */
function store(thread: ArenaThread, at: number, value: number | bigint | boolean): void {
  if (typeof value === 'bigint') thread.region.longs[at >> 3] = value;
  else thread.setDouble(at, Number(value));
}

function shown(type: Typecode, thread: ArenaThread, at: number): number | bigint | boolean {
  if (type === 'i64') return thread.region.longs[at >> 3]!;
  if (type === 'u64') return BigInt.asUintN(64, thread.region.longs[at >> 3]!);
  return type === 'bool' ? thread.double(at) === 1 : thread.double(at);
}

/** Returns the creation step of a value. Throws if the initial value does not fit the type. */
export function valueOf(surroundings: EngineContext, type: Typecode | undefined, initial: Payload): Make {
  const { thread } = surroundings;
  const number = type === undefined ? undefined : (decodeOpaque(coercePayload(type, initial)).value as number | bigint | boolean);
  const ready = type === undefined ? encoded(thread, initial, PAYLOADS) : undefined;
  return (object) => {
    const data = object + O_DATA;
    if (type === undefined) {
      writeReady(thread, data + V_CELL, ready, PAYLOADS);
      return;
    }
    thread.setWord(data + V_TYPE, TYPECODES.indexOf(type));
    store(thread, data + V_NUMBER, number!);
    const range = INTEGERS[type];
    if (range === undefined) return;
    thread.setWord(data + V_INTEGER, 1);
    thread.setDouble(data + V_MIN, range[0]);
    thread.setDouble(data + V_MAX, range[1]);
  };
}

/** The kind of values. A name alone does not make one. */
export const valueKind: SharedObjectKind<SharedMemoryValue> = {
  kind: 'value',
  bind: (surroundings, name, place) => new SharedMemoryValue(surroundings, name, place),
};
