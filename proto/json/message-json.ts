import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { InvalidArgumentError } from '../errors.js';
import { Reader } from '../wire/reader.js';
import { MalformedError } from '../wire/values.js';
import { Writer } from '../wire/writer.js';
import {
  addField,
  bytesFromJson,
  integerFromJson,
  isJsonObject,
  numberFromJson,
  numberToJson,
  textFromJson,
  wrong,
  type Json,
  type JsonObject,
} from './json.js';
import { payloadFromJson, payloadToJson } from './payload-json.js';

/** Types with a JSON form of their own. */
const PAYLOAD = 'commonhold.v1.Payload';

const WIRE = { varint: 0, double: 1, bytes: 2 } as const;

/**
 * Converts an encoded message of the contract to JSON, in protobuf's mapping: names in camel case, bytes as base64, fields without a value left
 * out. Users' values are as {@link payloadToJson} says.
 */
export function messageToJson(type: DescMessage, bytes: Uint8Array): JsonObject {
  return readMessage(type, new Reader(bytes), bytes.length);
}

function readMessage(type: DescMessage, reader: Reader, end: number): JsonObject {
  const json: Record<string, Json> = {};
  while (reader.position < end) {
    const tag = reader.tag();
    const field = fieldNumbered(type, tag >>> 3);
    if (field === undefined) throw new MalformedError(`field ${tag >>> 3} of ${type.typeName} is unknown to this version`);
    if (field.fieldKind === 'list') {
      const list = (json[field.jsonName] ??= []) as Json[];
      // Numbers of a list may come together.
      if (field.listKind !== 'message' && (tag & 7) === WIRE.bytes && wireOf(field) !== WIRE.bytes) {
        for (const stop = reader.limit(); reader.position < stop;) list.push(readValue(field, reader));
      } else {
        list.push(readValue(field, reader));
      }
    } else {
      addField(json, field.jsonName, readValue(field, reader));
    }
  }
  reader.finish(end);
  return json;
}

function readValue(field: DescField, reader: Reader): Json {
  if (field.message !== undefined) {
    if (field.message.typeName === PAYLOAD) return payloadToJson(Buffer.from(reader.bytes()));
    return readMessage(field.message, reader, reader.limit());
  }
  if (field.enum !== undefined) {
    const number = reader.uint32();
    return field.enum.value[number]?.name ?? number;
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return reader.string();
    case ScalarType.BYTES:
      return reader.bytes().toString('base64');
    case ScalarType.BOOL:
      return reader.bool();
    case ScalarType.UINT32:
      return reader.uint32();
    case ScalarType.INT32:
      return reader.int32();
    case ScalarType.UINT64:
      return reader.uint64();
    case ScalarType.INT64:
      return String(reader.int64());
    case ScalarType.DOUBLE:
      return numberToJson(reader.double());
    default:
      throw unmapped(field);
  }
}

/**
 * Encodes a message of the contract from its JSON.
 * @param place of the message in its line, for errors
 * @throws InvalidArgumentError for a field that is unknown or has a wrong value, with its place
 */
export function messageFromJson(type: DescMessage, json: Json | undefined, place: string): Buffer {
  const writer = new Writer();
  writeMessage(type, json, place, writer);
  return writer.take();
}

function writeMessage(type: DescMessage, json: Json | undefined, place: string, writer: Writer): void {
  if (!isJsonObject(json)) throw wrong(place, json, `give an object with the fields of ${type.name}`);
  for (const [name, value] of Object.entries(json)) {
    const field = fieldNamed(type, name);
    const at = `${place}.${name}`;
    if (field === undefined) throw unknown(type, at);
    // As in protobuf's JSON, null stands for no value.
    if (value === null) continue;
    if (field.fieldKind !== 'list') writeValue(field, value, at, writer);
    else if (Array.isArray(value)) value.forEach((item: Json, index) => writeValue(field, item, `${at}[${index}]`, writer));
    else throw wrong(at, value, 'give a list');
  }
}

function writeValue(field: DescField, value: Json, place: string, writer: Writer): void {
  const tag = (field.number << 3) | wireOf(field);
  if (field.message !== undefined) {
    if (field.message.typeName === PAYLOAD) return writer.payload(tag, payloadFromJson(value, place));
    const at = writer.open(tag);
    writeMessage(field.message, value, place, writer);
    return writer.close(at);
  }
  if (field.enum !== undefined) {
    const number = field.enum.values.find(({ name, number }) => name === value || number === value)?.number;
    if (number === undefined) throw wrong(place, value, `give one of ${field.enum.values.map(({ name }) => name).join(', ')}`);
    return writer.uint32(tag, number);
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return writer.string(tag, textFromJson(value, place));
    case ScalarType.BYTES:
      return writer.bytes(tag, bytesFromJson(value, place));
    case ScalarType.BOOL:
      if (typeof value !== 'boolean') throw wrong(place, value, 'give true or false');
      return writer.bool(tag, value);
    case ScalarType.UINT32:
      return writer.uint32(tag, Number(integerFromJson(value, place, 0n, 2n ** 32n - 1n)));
    case ScalarType.INT32:
      return writer.int32(tag, Number(integerFromJson(value, place, -(2n ** 31n), 2n ** 31n - 1n)));
    case ScalarType.UINT64:
      return writer.uint64(tag, Number(integerFromJson(value, place, 0n, BigInt(Number.MAX_SAFE_INTEGER))));
    case ScalarType.INT64:
      return writer.int64(tag, integerFromJson(value, place, -(2n ** 63n), 2n ** 63n - 1n));
    case ScalarType.DOUBLE:
      return writer.double(tag, numberFromJson(value, place));
    default:
      throw unmapped(field);
  }
}

/** Fields of each type by number, and by their names in JSON and in the contract. */
interface FieldTable {
  readonly byNumber: ReadonlyMap<number, DescField>;
  readonly byName: ReadonlyMap<string, DescField>;
}

const tables = new WeakMap<DescMessage, FieldTable>();

function tableOf(type: DescMessage): FieldTable {
  let table = tables.get(type);
  if (table === undefined) {
    table = {
      byNumber: new Map(type.fields.map((field) => [field.number, field])),
      byName: new Map(type.fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const])),
    };
    tables.set(type, table);
  }
  return table;
}

function fieldNumbered(type: DescMessage, number: number): DescField | undefined {
  return tableOf(type).byNumber.get(number);
}

function fieldNamed(type: DescMessage, name: string): DescField | undefined {
  return tableOf(type).byName.get(name);
}

function wireOf({ message, scalar }: DescField): number {
  if (message !== undefined || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return WIRE.bytes;
  return scalar === ScalarType.DOUBLE ? WIRE.double : WIRE.varint;
}

function unknown({ name, fields }: DescMessage, place: string): InvalidArgumentError {
  const known = fields.map(({ jsonName }) => jsonName).join(', ');
  return new InvalidArgumentError(`${place} is unknown, as ${name} has ${known}: if a later version wrote this, use that version`);
}

function unmapped(field: DescField): Error {
  return new Error(`a defect: ${String(field)} has a type without a form in JSON`);
}
