import { isUtf8 } from 'node:buffer';
import { EXT } from './extensions.js';
import { MAX_PACKED_DEPTH, malformed } from './refuse.js';

/** Extensions whose body is MessagePack. */
const NESTED: ReadonlySet<number> = new Set([EXT.REGEXP, EXT.MAP, EXT.SET, EXT.OBJECT, EXT.ERROR, EXT.REFERENCE, EXT.SHARED, EXT.GRAPH]);
/** Extensions whose values are placeholders until the whole is decoded: see resolve.ts. */
const UNRESOLVED: ReadonlySet<number> = new Set([EXT.HOLE, EXT.REFERENCE, EXT.SHARED, EXT.GRAPH, EXT.REGEXP]);
const KNOWN: ReadonlySet<number> = new Set(Object.values(EXT));
/** Longest text for which a loop in JavaScript is faster than the call into C++. */
const SHORT = 40;

const UNDERSCORE = 0x5f;
/** The one key that the library refuses. */
const PROTO = new TextEncoder().encode('__proto__');

/** Properties of packed bytes on which decoding depends. */
export interface Inspection {
  /** True if the decoded value contains placeholders or views. */
  unresolved: boolean;
  /** True if the whole is a graph, in which objects occur more than once. */
  graph: boolean;
  /** Number of numbers and extensions, such as bigints, right within Maps and Sets. V8 hashes numbers and bigints without a seed. */
  numericMembers: number;
  /** True if decoding cannot fail. If false, it may or may not. */
  sound: boolean;
}

/**
 * Walks packed bytes before the library decodes them. The library allocates whatever a length claims, and nests without a limit; this check
 * compares every length with the bytes that are there, so that decoding allocates in proportion to them.
 * @param begin place of the first of them
 */
export function inspect(bytes: Uint8Array, begin = 0): Inspection {
  const inspector = new Inspector(bytes, begin);
  inspector.item(bytes.length, 0);
  inspector.finish(bytes.length);
  return inspector;
}

class Inspector implements Inspection {
  unresolved = false;
  graph = false;
  sound = true;
  numericMembers = 0;
  /** True while the next array is the body of a Map or Set. */
  #inCollection = false;
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, begin: number) {
    this.#bytes = bytes;
    this.#at = begin;
  }

  finish(end: number): void {
    if (this.#at !== end) throw malformed('packed data with bytes left over');
  }

  /** Skips one item, which must end at `end` or before. */
  item(end: number, depth: number): void {
    const head = this.#byte(end);
    if (head < 0x80 || head >= 0xe0) return;
    if (head < 0x90) return this.#map(head & 0x0f, end, depth);
    if (head < 0xa0) return this.#array(head & 0x0f, end, depth);
    if (head < 0xc0) return this.#string(head & 0x1f, end);
    switch (head) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        // The library returns a view of its input, which must be copied.
        this.unresolved = true;
        return this.#skip(this.#uint(1 << (head - 0xc4), end), end);
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (head - 0xc7), end), end, depth);
      case 0xca:
      case 0xcb:
        return this.#skip(head === 0xca ? 4 : 8, end);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#skip(1 << (head - 0xcc), end);
      case 0xcf:
      case 0xd3:
        return this.#long(end, head === 0xd3);
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#skip(1 << (head - 0xd0), end);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (head - 0xd4), end, depth);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#uint(1 << (head - 0xd9), end), end);
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(head === 0xdc ? 2 : 4, end), end, depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(head === 0xde ? 2 : 4, end), end, depth);
      default:
        throw malformed(`packed data with the byte 0x${head.toString(16)}`);
    }
  }

  #byte(end: number): number {
    if (this.#at >= end) throw cutShort();
    return this.#bytes[this.#at++]!;
  }

  #uint(size: number, end: number): number {
    const from = this.#at;
    this.#skip(size, end);
    let value = 0;
    for (let i = from; i < this.#at; i++) value = value * 256 + this.#bytes[i]!;
    return value;
  }

  #skip(size: number, end: number): void {
    this.#at += size;
    if (this.#at > end) throw cutShort();
  }

  /** Skips a 64-bit integer. @throws InvalidArgumentError beyond 2^53, where JavaScript would round */
  #long(end: number, signed: boolean): void {
    const high = this.#uint(4, end);
    this.#skip(4, end);
    if (high >= 0x200000 && !(signed && high >= 0xffe00000)) {
      throw malformed(`an integer beyond 2^53 in packed data: write it as extension ${EXT.BIGINT}`);
    }
  }

  #string(length: number, end: number): void {
    const from = this.#at;
    this.#skip(length, end);
    if (length <= SHORT) {
      let i = from;
      while (i < this.#at && this.#bytes[i]! < 0x80) i++;
      if (i === this.#at) return;
    }
    if (length > 2 && this.#bytes[from] === 0xef && this.#bytes[from + 1] === 0xbb && this.#bytes[from + 2] === 0xbf) {
      throw malformed(`packed text that begins with U+FEFF: write it as extension ${EXT.TEXT}`);
    }
    if (!isUtf8(this.#bytes.subarray(from, this.#at))) throw malformed('text that is not UTF-8');
  }

  #array(count: number, end: number, depth: number): void {
    this.#deeper(depth);
    // Every element takes at least one byte.
    if (count > end - this.#at) throw cutShort();
    const counts = this.#inCollection;
    this.#inCollection = false;
    for (let i = 0; i < count; i++) {
      if (counts && isNumeric(this.#bytes[this.#at]!)) this.numericMembers++;
      this.item(end, depth + 1);
    }
  }

  #map(count: number, end: number, depth: number): void {
    this.#deeper(depth);
    if (count * 2 > end - this.#at) throw cutShort();
    for (let i = 0; i < count; i++) {
      const head = this.#bytes[this.#at]!;
      const isText = (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb);
      const isInteger = head < 0x80 || head >= 0xe0 || (head >= 0xcc && head <= 0xd3);
      if (!isText && !isInteger) throw malformed('a key of an object that is neither text nor integer: write a Map');
      this.item(end, depth + 1);
      if (isText) this.#key();
      this.item(end, depth + 1);
    }
  }

  /** Checks the key of an object that ends here: if it may be the refused one, only decoding tells. */
  #key(): void {
    const from = this.#at - PROTO.length;
    if (from < 0 || this.#bytes[from] !== UNDERSCORE) return;
    if (PROTO.every((byte, i) => this.#bytes[from + i] === byte)) this.sound = false;
  }

  #extension(size: number, end: number, depth: number): void {
    const type = (this.#byte(end) << 24) >> 24;
    const from = this.#at;
    const bodyEnd = from + size;
    this.#skip(size, end);
    if (!KNOWN.has(type)) throw malformed(`extension ${type}, which this version does not know`);
    if (UNRESOLVED.has(type)) this.unresolved = true;
    if (type === EXT.GRAPH) {
      if (depth > 0) throw malformed('a graph inside of packed data: it must be the whole');
      this.graph = true;
    }
    if (!isPlainBody(type, this.#bytes, from, size)) this.sound = false;
    if (!NESTED.has(type)) return;
    this.#deeper(depth);
    this.#at = from;
    this.#inCollection = type === EXT.MAP || type === EXT.SET;
    this.item(bodyEnd, depth + 1);
    this.finish(bodyEnd);
  }

  #deeper(depth: number): void {
    if (depth >= MAX_PACKED_DEPTH) throw malformed(`packed data nested deeper than ${MAX_PACKED_DEPTH} levels`);
  }
}

function cutShort(): Error {
  return malformed('packed data cut short');
}

/** Returns true for the first byte of a number or an extension. */
function isNumeric(head: number): boolean {
  return head < 0x80 || head >= 0xe0 || (head >= 0xc7 && head <= 0xd8);
}

/** Returns true if decoding accepts the body of an extension for certain, judging by its first bytes. */
function isPlainBody(type: number, bytes: Uint8Array, from: number, size: number): boolean {
  switch (type) {
    case EXT.UNDEFINED:
    case EXT.INVALID_DATE:
      return size === 0;
    case EXT.TIMESTAMP:
      return size === 4 || size === 8 || size === 12;
    case EXT.SET:
      return arrayLength(bytes, from) !== undefined;
    case EXT.MAP:
      return (arrayLength(bytes, from) ?? 1) % 2 === 0;
    default:
      return false;
  }
}

/** Returns the number of elements of the array that begins here, for a long one modulo 256; undefined if it is not an array. */
function arrayLength(bytes: Uint8Array, from: number): number | undefined {
  const head = bytes[from]!;
  if (head >= 0x90 && head < 0xa0) return head & 0x0f;
  return head === 0xdc ? bytes[from + 2]! : head === 0xdd ? bytes[from + 4]! : undefined;
}
