import type { Draw } from '../support/random.js';

/** Bytes at which readers change their ways: limits of varints, tags of protobuf, types of MessagePack. */
const BYTES = [
  0, 1, 0x0a, 0x12, 0x1a, 0x22, 0x3a, 0x42, 0x4a, 0x7f, 0x80, 0x90, 0xa0, 0xc1, 0xc7, 0xc9, 0xcf, 0xd4, 0xdc, 0xdd, 0xdf, 0xff,
];
/** Varints: small ones, lengths and numbers beyond limits, and forms that are longer than needed or too long. */
const VARINTS = [
  '00',
  '01',
  '7f',
  '8001',
  'ffff03',
  'ffffffff07',
  'ffffffff0f',
  'ffffffffffffff0f',
  'ffffffffffffffffff01',
  '80808000',
  '8080808080808080808000',
].map((hex) => Buffer.from(hex, 'hex'));
/** Edits of an input. Most have one, so that the rest stays valid. */
const MOST_EDITS = 3;
/** Longest piece that is removed or repeated. */
const PIECE_BYTES = 24;
/** Times that a piece is repeated. */
const REPEATS = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 30, 300];
/** Bytes that a repeated piece has at most. */
const REPEATED_BYTES = 4 * 1024;

/** Changes valid messages: bytes of them, or fields of protobuf at any depth, the lengths around which are made right again. */
export class Mutator {
  constructor(
    private readonly draw: Draw,
    /** Messages from which parts are taken. */
    private readonly corpus: readonly Uint8Array[],
  ) {}

  /** Returns one of the messages. */
  one(): Uint8Array {
    return this.corpus[this.draw(this.corpus.length)]!;
  }

  /** Returns a changed copy. */
  mutated(bytes: Uint8Array): Buffer {
    let changed = Buffer.from(bytes);
    for (let edits = 1 + this.draw(this.draw(MOST_EDITS) + 1); edits > 0; edits--) {
      changed = this.draw(2) === 0 ? this.#editFields(changed) : this.#editBytes(changed);
    }
    return changed;
  }

  #editBytes(bytes: Buffer): Buffer<ArrayBuffer> {
    const { draw } = this;
    const at = draw(bytes.length + 1);
    const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
    const piece = behind.subarray(0, 1 + draw(PIECE_BYTES));
    switch (draw(8)) {
      case 0:
        return withByte(bytes, at, (byte) => byte ^ (1 << draw(8)));
      case 1:
        return withByte(bytes, at, () => BYTES[draw(BYTES.length)]!);
      case 2:
        return withByte(bytes, at, () => draw(256));
      case 3:
        return Buffer.concat([before, VARINTS[draw(VARINTS.length)]!, behind.subarray(draw(3))]);
      case 4:
        return Buffer.concat([before, behind.subarray(piece.length)]);
      case 5:
        return Buffer.concat([before, ...this.#repeated(piece), behind]);
      case 6:
        return Buffer.from(before);
      default: {
        const other = this.one();
        return Buffer.concat([before, other.subarray(draw(other.length + 1))]);
      }
    }
  }

  /** Edits one of the fields, or the content of one. Bytes that are no fields are edited as bytes. */
  #editFields(bytes: Buffer): Buffer<ArrayBuffer> {
    const { draw } = this;
    const fields = fieldsOf(bytes);
    if (fields === undefined) return this.#editBytes(bytes);
    const at = draw(fields.length);
    const field = fields[at]!;
    const [before, behind] = [bytes.subarray(0, field.begin), bytes.subarray(field.end)];
    const whole = bytes.subarray(field.begin, field.end);
    switch (draw(field.content < 0 ? 4 : 12)) {
      case 0:
        return Buffer.concat([before, behind]);
      case 1:
        return Buffer.concat([before, whole, ...this.#repeated(whole), behind]);
      case 2: {
        const other = fieldsOf(this.one());
        if (other === undefined) return this.#editBytes(bytes);
        const { begin, end, of } = other[draw(other.length)]!;
        return Buffer.concat([before, of.subarray(begin, end), draw(2) === 0 ? whole : behind]);
      }
      case 3:
        return Buffer.concat([before, this.#editBytes(whole), behind]);
      default: {
        const content = this.#editFields(bytes.subarray(field.content, field.end));
        return Buffer.concat([bytes.subarray(0, field.length), varint(content.length), content, behind]);
      }
    }
  }

  #repeated(piece: Uint8Array): Uint8Array[] {
    const times = REPEATS[this.draw(REPEATS.length)]!;
    return piece.length * times > REPEATED_BYTES ? [] : new Array<Uint8Array>(times).fill(piece);
  }
}

function withByte(bytes: Buffer, at: number, change: (byte: number) => number): Buffer<ArrayBuffer> {
  const changed = Buffer.from(bytes);
  if (at < changed.length) changed[at] = change(changed[at]!);
  return changed;
}

/** A field of a message of protobuf: places in its bytes. */
interface Field {
  readonly of: Uint8Array;
  readonly begin: number;
  /** Of the length of its content; -1 if it has none, as a number. */
  readonly length: number;
  readonly content: number;
  readonly end: number;
}

/** Returns the fields of a message. Undefined if the bytes are no message, or an empty one. */
function fieldsOf(of: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let begin = 0; begin < of.length;) {
    const length = endOfVarint(of, begin);
    const field = fieldAt(of, begin, length);
    if (field === undefined || field.end > of.length) return undefined;
    fields.push(field);
    begin = field.end;
  }
  return fields.length === 0 ? undefined : fields;
}

function fieldAt(of: Uint8Array, begin: number, length: number): Field | undefined {
  const tag = of[begin]!;
  if (tag < 8) return undefined;
  const number = (end: number): Field => ({ of, begin, length: -1, content: -1, end });
  switch (tag & 7) {
    case 0:
      return number(endOfVarint(of, length));
    case 1:
      return number(length + 8);
    case 5:
      return number(length + 4);
    case 2: {
      const content = endOfVarint(of, length);
      return { of, begin, length, content, end: content + valueOfVarint(of, length, content) };
    }
    default:
      return undefined;
  }
}

function endOfVarint(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at]! >= 0x80) at++;
  return at + 1;
}

function valueOfVarint(bytes: Uint8Array, begin: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= begin; at--) value = value * 128 + (bytes[at]! & 0x7f);
  return value;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Uint8Array.of(...bytes, value);
}
