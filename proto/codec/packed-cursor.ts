/** Kinds of plain items in MessagePack. `other` is an extension, or a byte without a meaning. */
export const PLAIN = { simple: 0, number: 1, text: 2, bytes: 3, array: 4, map: 5, other: 6 } as const;

const scratch = new DataView(new ArrayBuffer(8));

/** Reads packed bytes item by item, without decoding them. */
export class PackedCursor {
  /** Kind of the item whose head was read last. */
  kind = 0;
  /** Value of a number; head of `null`, `false` or `true`; length of a text or of bytes; number of elements or entries. */
  value = 0;

  readonly bytes: Buffer;

  constructor(
    bytes: Uint8Array,
    public at: number,
  ) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Reads the head of an item, up to its content. The kind is `other` where the bytes are not plain, or cut short. */
  read(): void {
    const head = this.bytes[this.at++] ?? 0xc1;
    if (head < 0x80) this.#is(PLAIN.number, head);
    else if (head < 0x90) this.#is(PLAIN.map, head & 0x0f);
    else if (head < 0xa0) this.#is(PLAIN.array, head & 0x0f);
    else if (head < 0xc0) this.#is(PLAIN.text, head & 0x1f);
    else if (head >= 0xe0) this.#is(PLAIN.number, head - 0x100);
    else this.#readLong(head);
  }

  #readLong(head: number): void {
    switch (head) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return this.#is(PLAIN.simple, head);
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#is(PLAIN.bytes, this.#uint(1 << (head - 0xc4)));
      case 0xca:
      case 0xcb:
        return this.#is(PLAIN.number, this.#float(head === 0xca ? 4 : 8));
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#is(PLAIN.number, this.#uint(1 << (head - 0xcc)));
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#is(PLAIN.number, this.#int(1 << (head - 0xd0)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#is(PLAIN.text, this.#uint(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#is(PLAIN.array, this.#uint(head === 0xdc ? 2 : 4));
      case 0xde:
      case 0xdf:
        return this.#is(PLAIN.map, this.#uint(head === 0xde ? 2 : 4));
      default:
        return this.#is(PLAIN.other, 0);
    }
  }

  #is(kind: number, value: number): void {
    this.kind = kind;
    this.value = value;
    if (this.#missing(kind)) this.kind = PLAIN.other;
  }

  /** Every element takes a byte at least. */
  #missing(kind: number): boolean {
    const least = kind === PLAIN.map ? 2 * this.value : kind === PLAIN.number || kind === PLAIN.simple ? 0 : this.value;
    return this.at + least > this.bytes.length;
  }

  /**
   * Passes over the content of the item whose head was read, with everything inside. Returns false where it is not plain.
   * Takes no stack, whatever the depth.
   */
  pass(): boolean {
    for (let left = 1; left > 0;) {
      left--;
      if (this.kind === PLAIN.other) return false;
      if (this.kind === PLAIN.text || this.kind === PLAIN.bytes) this.at += this.value;
      else if (this.kind === PLAIN.array) left += this.value;
      else if (this.kind === PLAIN.map) left += 2 * this.value;
      if (left > 0) this.read();
    }
    return true;
  }

  /** Passes over a whole item. Returns false where it is not plain. */
  skip(): boolean {
    this.read();
    return this.pass();
  }

  #uint(size: number): number {
    let value = 0;
    for (const end = this.at + size; this.at < end; this.at++) value = value * 256 + (this.bytes[this.at] ?? 0);
    return value;
  }

  #int(size: number): number {
    const first = (this.bytes[this.at] ?? 0) & 0x80;
    const value = this.#uint(size);
    return first === 0 ? value : value - 2 ** (8 * size);
  }

  #float(size: number): number {
    for (let i = 0; i < size; i++) scratch.setUint8(i, this.bytes[this.at++] ?? 0);
    return size === 4 ? scratch.getFloat32(0) : scratch.getFloat64(0);
  }
}
