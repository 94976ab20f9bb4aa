import { isUtf8 } from 'node:buffer';
import { Decoder, EXT_TIMESTAMP, ExtensionCodec, decodeTimestampExtension, type Encoder } from '@msgpack/msgpack';
import { InvalidArgumentError, ManagerError } from '../errors.js';
import { bodyBinary } from './binary.js';
import { EXT, MAX_REGEXP_SOURCE, bytesBigint } from './extensions.js';
import { errorOf } from './failure.js';
import { inspect } from './inspect.js';
import { KEEP, lower, newEncoder } from './lower.js';
import { OpaqueRegExp } from './opaque.js';
import type { Reference } from './reference.js';
import { isStackEnd, malformed } from './refuse.js';
import { Graph, HOLE, ReferenceAt, Shared, resolve, type Revive } from './resolve.js';
import { ValueAnalysis, type NameReference } from './analysis.js';

let encoder: Encoder = newEncoder();

/** A value as MessagePack, and its references. */
export interface Packed {
  /** Valid until the next call of {@link pack}. */
  readonly bytes: Uint8Array;
  readonly references: readonly Reference[];
}

/** Packs a value. @throws InvalidArgumentError if it cannot travel */
export function pack(value: unknown, name?: NameReference): Packed {
  const analysis = new ValueAnalysis(value, name);
  try {
    const bytes = encoder.encodeSharedRef(analysis.plain ? value : lower(value, analysis));
    if (bytes.length > KEEP) encoder = newEncoder();
    return { bytes, references: analysis.references };
  } catch (error) {
    if (error instanceof ManagerError || isStackEnd(error)) throw error;
    // A getter or proxy returned something else to the encoder than to the analysis.
    throw new InvalidArgumentError(`cannot store this value: ${(error as Error).message}`, { cause: error });
  }
}

/** The value in packed bytes. */
export interface Unpacked {
  readonly value: unknown;
  /** True if objects occur more than once, perhaps in cycles. */
  readonly graph: boolean;
}

/** Unpacks bytes from any source. The value shares no memory with them. @throws InvalidArgumentError */
export function unpack(bytes: Uint8Array, revive: Revive): Unpacked {
  const { unresolved, graph, numericMembers } = inspect(bytes);
  revive.checkMembers?.(numericMembers);
  const decoded = decoder.decode(bytes);
  return { value: unresolved ? resolve(decoded, bytes, revive) : decoded, graph };
}

const extensions = new ExtensionCodec();
const decoder = new Decoder({ extensionCodec: extensions });

/** Registers the decoder of an extension's body. Values are lowered before they are encoded (see lower.ts), so there is no encoder. */
function register(type: number, decode: (body: Uint8Array) => unknown): void {
  extensions.register({ type, encode: () => null, decode });
}

/** As {@link register}, for a body that is an array in MessagePack. */
function registerArray(type: number, decode: (items: unknown[]) => unknown): void {
  register(type, (body) => {
    const items = decoder.decode(body);
    if (!Array.isArray(items)) throw malformed(`extension ${type} with a body that is no array`);
    return decode(items as unknown[]);
  });
}

/** As {@link register}, for a body that is a place in a list. */
function registerPlace(type: number, decode: (place: number) => unknown): void {
  register(type, (body) => {
    const place = decoder.decode(body);
    if (typeof place !== 'number') throw malformed(`extension ${type} with a body that is no number`);
    return decode(place);
  });
}

function registerEmpty(type: number, value: () => unknown): void {
  register(type, (body) => {
    if (body.length > 0) throw malformed(`extension ${type} with a body`);
    return value();
  });
}

registerEmpty(EXT.UNDEFINED, () => undefined);
registerEmpty(EXT.HOLE, () => HOLE);
registerEmpty(EXT.INVALID_DATE, () => new Date(NaN));
register(EXT.TEXT, bodyText);
register(EXT.BIGINT, bytesBigint);
register(EXT.BINARY, bodyBinary);
register(EXT_TIMESTAMP, decodeTimestampExtension);
registerPlace(EXT.SHARED, (place) => new Shared(place));
registerPlace(EXT.REFERENCE, (place) => new ReferenceAt(place));
registerArray(EXT.GRAPH, (entries) => new Graph(entries));
registerArray(EXT.SET, (members) => new Set(members));
registerArray(EXT.MAP, (items) => {
  const map = new Map<unknown, unknown>();
  for (const [key, value] of pairs(items)) map.set(key, value);
  return map;
});
registerArray(EXT.OBJECT, (items) => {
  const object = {};
  for (const [key, value] of pairs(items)) {
    if (typeof key !== 'string') throw malformed('a key of an object that is no text');
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
});
registerArray(EXT.REGEXP, ([source, flags]) => {
  if (typeof source !== 'string' || typeof flags !== 'string') throw malformed('a regular expression without source and flags');
  if (source.length > MAX_REGEXP_SOURCE) throw malformed(`a regular expression of more than ${MAX_REGEXP_SOURCE} characters`);
  if (!/^(?:([dgimsuvy])(?!.*\1))*$/.test(flags))
    throw malformed(`a regular expression with the flags ${JSON.stringify(flags.slice(0, 40))}`);
  return new OpaqueRegExp(source, Array.from(flags).sort().join(''));
});
register(EXT.ERROR, (body) => {
  const parts = decoder.decode(body);
  if (typeof parts !== 'object' || parts === null) throw malformed('an error without parts');
  return errorOf(parts as Record<string, unknown>);
});

function bodyText(body: Uint8Array): string {
  if (!isUtf8(body)) throw malformed('text that is not UTF-8');
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString();
}

function* pairs(items: unknown[]): Iterable<[unknown, unknown]> {
  if (items.length % 2 !== 0) throw malformed('a key without a value');
  for (let i = 0; i < items.length; i += 2) yield [items[i], items[i + 1]];
}
