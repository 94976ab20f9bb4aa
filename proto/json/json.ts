import { InvalidArgumentError } from '../errors.js';
import { isWellFormed } from '../text.js';

/** A value as `JSON.parse` returns it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** Longest excerpt of a value in an error. */
const LONGEST = 60;

/** The error for a value that is not as it has to be. @param place of the value in its line, as "request.entries[2].key" */
export function wrong(place: string, value: Json | undefined, remedy: string): InvalidArgumentError {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return new InvalidArgumentError(`${place} is ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}: ${remedy}`);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Adds a field, also one called `__proto__`. */
export function addField(object: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Converts a number to protobuf's JSON, in which a number that JSON cannot write is a text. */
export function numberToJson(value: number): Json {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** @throws InvalidArgumentError */
export function numberFromJson(value: Json, place: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  throw wrong(place, value, 'give a number, or "NaN", "Infinity", "-Infinity" or "-0"');
}

const NUMBER = /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/;

/** @throws InvalidArgumentError */
export function bytesFromJson(value: Json, place: string): Buffer {
  const bytes = typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined;
  if (bytes !== undefined) return bytes;
  throw wrong(place, value, 'give bytes as base64');
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** @throws InvalidArgumentError */
export function textFromJson(value: Json, place: string): string {
  if (typeof value === 'string' && isWellFormed(value)) return value;
  throw wrong(place, value, 'give a text, without half a surrogate pair');
}

/** Converts a whole number with these bounds. @throws InvalidArgumentError */
export function integerFromJson(value: Json, place: string, least: bigint, most: bigint): bigint {
  const text = typeof value === 'number' && Number.isInteger(value) ? String(value) : typeof value === 'string' ? value : '';
  const integer = /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (integer !== undefined && integer >= least && integer <= most) return integer;
  throw wrong(place, value, `give a whole number from ${least} to ${most}`);
}
