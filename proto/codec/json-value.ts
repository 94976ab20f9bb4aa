import type { Reader } from '../wire/reader.js';
import { MAX_DEPTH, malformed } from './refuse.js';

/** Tags of `google.protobuf.Value`, `Struct`, `ListValue` and the entries of a Struct. */
export const JSON_TAG = {
  NULL: 0x08,
  NUMBER: 0x11,
  STRING: 0x1a,
  BOOL: 0x20,
  STRUCT: 0x2a,
  LIST: 0x32,
  ITEM: 0x0a,
  KEY: 0x0a,
  VALUE: 0x12,
} as const;

/** Reads a `google.protobuf.Value` up to `end`: null, numbers, texts, booleans, plain objects and arrays of these. */
export function readJson(reader: Reader, end: number, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw malformed(`JSON nested deeper than ${MAX_DEPTH} levels`);
  let value: unknown;
  // Protobuf merges several fields of one struct or list.
  let open: 'struct' | 'list' | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case JSON_TAG.NULL:
        reader.skip(tag);
        value = null;
        break;
      case JSON_TAG.NUMBER:
        value = reader.double();
        break;
      case JSON_TAG.STRING:
        value = reader.string();
        break;
      case JSON_TAG.BOOL:
        value = reader.bool();
        break;
      case JSON_TAG.STRUCT:
        value = readStruct(reader, reader.limit(), depth, open === 'struct' ? (value as object) : {});
        open = 'struct';
        continue;
      case JSON_TAG.LIST:
        value = readList(reader, reader.limit(), depth, open === 'list' ? (value as unknown[]) : []);
        open = 'list';
        continue;
      default:
        reader.skip(tag);
        continue;
    }
    open = undefined;
  }
  reader.finish(end);
  if (value === undefined) throw malformed('JSON without a value');
  return value;
}

function readStruct(reader: Reader, end: number, depth: number, target: object): object {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.ITEM) readEntry(reader, reader.limit(), depth, target);
    else reader.skip(tag);
  }
  reader.finish(end);
  return target;
}

function readEntry(reader: Reader, end: number, depth: number, target: object): void {
  let key = '';
  let value: unknown;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.KEY) key = reader.string();
    else if (tag === JSON_TAG.VALUE) value = readJson(reader, reader.limit(), depth + 1);
    else reader.skip(tag);
  }
  reader.finish(end);
  if (value === undefined) throw malformed(`JSON without a value for ${JSON.stringify(key)}`);
  // Defines the property, because assigning `__proto__` would set the prototype.
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function readList(reader: Reader, end: number, depth: number, target: unknown[]): unknown[] {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.ITEM) target.push(readJson(reader, reader.limit(), depth + 1));
    else reader.skip(tag);
  }
  reader.finish(end);
  return target;
}
