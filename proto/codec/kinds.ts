import { types } from 'node:util';
import { isOverShared } from './binary.js';
import { OpaqueInstance } from './opaque.js';
import { isReferable } from './reference.js';
import { typeOfPrototype } from './types.js';

/** What an object is to the codec; `foreign` is what cannot travel. */
export type ValueKind =
  'object' | 'array' | 'map' | 'set' | 'date' | 'regexp' | 'error' | 'buffer' | 'view' | 'reference' | 'instance' | 'opaque' | 'foreign';

/**
 * Classifies an object. Values come from other realms too (worker threads, `vm`, Jest), where
 * `instanceof` does not hold: what counts is how an object is made.
 */
export function kindOf(value: object): ValueKind {
  if (isReferable(value)) return 'reference';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return 'object';
  if (prototype === Array.prototype) return 'array';
  if (typeOfPrototype(prototype) !== undefined) return 'instance';
  // An own subclass is not the class it extends: it would come back as something else.
  if (Array.isArray(value)) return Array.isArray(prototype) ? 'array' : 'foreign';
  // A copy of shared memory would pass for the memory itself.
  if (ArrayBuffer.isView(value)) return isBuiltinView(value, prototype) && !isOverShared(value) ? 'view' : 'foreign';
  if (types.isNativeError(value) || value instanceof Error) return 'error';
  if (prototype === OpaqueInstance.prototype) return 'opaque';
  if (isRoot(prototype)) return 'object';
  const parent = Object.getPrototypeOf(prototype) as object | null;
  if (parent === null || !isRoot(parent)) return 'foreign';
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isDate(value)) return 'date';
  if (types.isRegExp(value)) return 'regexp';
  return types.isArrayBuffer(value) ? 'buffer' : 'foreign';
}

/** A SharedArrayBuffer, or a view over one: threads can share it, and it is no value that can be stored. */
export type SharedBytes = SharedArrayBuffer | ArrayBufferView;

/** Whether a value is shared memory, of a class of JavaScript or Node itself: one of the user's would be lost on the way. */
export function isSharedMemory(value: object): value is SharedBytes {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return false;
  if (ArrayBuffer.isView(value)) return isOverShared(value) && isBuiltinView(value, prototype);
  return types.isSharedArrayBuffer(value) && isRoot(Object.getPrototypeOf(prototype) as object);
}

/** Whether a prototype is some realm's `Object.prototype`. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Uint8Array → %TypedArray% → Object, DataView → Object, Buffer → Uint8Array → …: no class of the user's between. */
function isBuiltinView(value: ArrayBufferView, prototype: object): boolean {
  if (Buffer.isBuffer(value)) return true;
  const parent = Object.getPrototypeOf(prototype) as object;
  if (types.isDataView(value)) return isRoot(parent);
  const root = Object.getPrototypeOf(parent) as object | null;
  return root !== null && isRoot(root);
}

/** Name of an object's class, for messages to people. */
export function classNameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'an anonymous class';
}
