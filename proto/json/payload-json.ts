import { isJson } from '../codec/json.js';
import { readFields, TAG } from '../codec/fields.js';
import { AnyMessage, OpaqueReference } from '../codec/opaque.js';
import { decodeOpaque, encodePayload } from '../codec/payload.js';
import { assertReadable } from '../codec/readable.js';
import { writeReference, type Reference } from '../codec/reference.js';
import { InvalidArgumentError } from '../errors.js';
import type { Payload } from '../wire/values.js';
import { Writer } from '../wire/writer.js';
import {
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

const CASES = 'null, boolean, number, integer, text, binary, json, packed, reference, message';

/**
 * Converts a payload to JSON: an object with one field, named as its case. A packed value that JSON can express is a readable `json`;
 * any other is the base64 of its encoding, so that nothing of it is lost. A message is its type and its bytes, since only its owner knows its
 * fields.
 */
export function payloadToJson(payload: Payload): JsonObject {
  const fields = readFields(payload);
  switch (fields.tag) {
    case TAG.NULL:
      return { null: null };
    case TAG.BOOLEAN:
      return { boolean: fields.value };
    case TAG.NUMBER:
      return { number: numberToJson(fields.value) };
    case TAG.INTEGER:
      return { integer: String(fields.value) };
    case TAG.TEXT:
      return { text: fields.value };
    case TAG.BINARY:
      return { binary: base64(fields.value) };
    case TAG.JSON:
    case TAG.PACKED:
      return structuredToJson(payload);
    case TAG.REFERENCE:
      return { reference: referenceToJson((decodeOpaque(payload, Infinity).value as OpaqueReference).reference) };
    case TAG.MESSAGE: {
      const { typeUrl, value } = decodeOpaque(payload, Infinity).value as AnyMessage;
      return { message: { typeUrl, value: base64(value) } };
    }
  }
}

function structuredToJson(payload: Payload): JsonObject {
  const { value } = decodeOpaque(payload, Infinity);
  if (isJson(value, isWritten)) return { json: value as Json };
  // A number that JSON has not, in `json`, is packed.
  const fields = readFields(payload);
  const packed = fields.tag === TAG.PACKED ? fields : (readFields(encodePayload(value)) as Extract<typeof fields, { references: unknown }>);
  const json = { packed: base64(packed.value) };
  return packed.references.length === 0 ? json : { ...json, references: packed.references.map(referenceToJson) };
}

/** True for a number that the text of JSON keeps. */
function isWritten(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function referenceToJson({ kind, name, address, end }: Reference): JsonObject {
  return { kind, name, ...(address === '' ? {} : { address }), ...(end === undefined ? {} : { end }) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/**
 * Encodes a payload from its JSON.
 * @throws InvalidArgumentError if it is no value that a client could read
 */
export function payloadFromJson(json: Json, place: string): Uint8Array {
  const name = isJsonObject(json) ? Object.keys(json).find((name) => name !== 'references') : undefined;
  if (name === undefined) throw wrong(place, json, `give an object with one of ${CASES}`);
  const { [name]: value, references, ...others } = json as JsonObject;
  const other = Object.keys(others)[0] ?? (references !== undefined && name !== 'packed' ? 'references' : undefined);
  if (other !== undefined) throw new InvalidArgumentError(`${place} has ${name} and ${other}: give one of ${CASES}`);
  return caseFromJson(name, value!, references, `${place}.${name}`);
}

function caseFromJson(name: string, value: Json, references: Json | undefined, place: string): Uint8Array {
  switch (name) {
    case 'null':
      if (value !== null && value !== 'NULL_VALUE') throw wrong(place, value, 'give null');
      return encodePayload(null);
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(place, value, 'give true or false');
      return encodePayload(value);
    case 'number':
      return encodePayload(numberFromJson(value, place));
    case 'integer':
      return encodePayload(integerFromJson(value, place, -(2n ** 63n), 2n ** 63n - 1n));
    case 'text':
      return encodePayload(textFromJson(value, place));
    case 'binary':
      return encodePayload(new Uint8Array(bytesFromJson(value, place)));
    case 'json':
      return within(place, () => encodePayload(value));
    case 'packed':
      return packedFromJson(bytesFromJson(value, place), references, place);
    case 'reference':
      return encodePayload(new OpaqueReference(referenceFromJson(value, place)));
    case 'message':
      return messageFromJson(value, place);
    default:
      throw new InvalidArgumentError(`${place} is no case of a value: give one of ${CASES}`);
  }
}

function packedFromJson(packed: Buffer, references: Json | undefined, place: string): Uint8Array {
  const writer = new Writer();
  writer.bytes(TAG.PACKED, packed);
  if (references !== undefined && !Array.isArray(references)) throw wrong(`${place}, references`, references, 'give a list');
  for (const [index, reference] of ((references ?? []) as readonly Json[]).entries()) {
    writeReference(writer, TAG.REFERENCES, referenceFromJson(reference, `${place}, references[${index}]`));
  }
  const payload = writer.take();
  // The manager trusts the packed values of the SDK's sessions.
  within(place, () => assertReadable(payload));
  return payload;
}

function referenceFromJson(json: Json, place: string): Reference {
  if (!isJsonObject(json)) throw wrong(place, json, 'give an object with kind and name');
  const { kind = '', name = '', address = '', end } = json;
  const [kindText, nameText, addressText] = [kind, name, address].map((part) => textFromJson(part, place)) as [string, string, string];
  const reference = { kind: kindText, name: nameText, address: addressText };
  return end === undefined ? reference : { ...reference, end: Number(integerFromJson(end, `${place}.end`, 0n, 2n ** 32n - 1n)) };
}

function messageFromJson(json: Json, place: string): Uint8Array {
  if (!isJsonObject(json)) throw wrong(place, json, 'give an object with typeUrl and value');
  const { typeUrl = '', value = '' } = json;
  return encodePayload(new AnyMessage(textFromJson(typeUrl, `${place}.typeUrl`), bytesFromJson(value, `${place}.value`)));
}

/** Adds the place to the error of a codec. */
function within<R>(place: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`${place}: ${error.message}`, { cause: error });
  }
}
