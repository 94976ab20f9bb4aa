import { types } from 'node:util';
import { isOverShared } from './binary.js';
import { OpaqueRegExp } from './opaque.js';
import { isReferable } from './reference.js';

/** Kind of an object for the codec; a `foreign` object cannot travel. */
export type ValueKind = 'object' | 'array' | 'map' | 'set' | 'date' | 'regexp' | 'error' | 'buffer' | 'view' | 'reference' | 'foreign';

/**
 * Classifies an object. Values may be of other realms (worker threads, `vm`, Jest), where `instanceof` fails, so the prototype chain
 * decides.
 */
export function kindOf(value: object): ValueKind {
  if (isReferable(value)) return 'reference';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return 'object';
  if (prototype === Array.prototype) return 'array';
  // A subclass of the user would come back as the class that it extends.
  if (Array.isArray(value)) return Array.isArray(prototype) ? 'array' : 'foreign';
  // A copy of shared memory would be mistaken for the memory itself.
  if (ArrayBuffer.isView(value)) return isBuiltinView(value, prototype) && !isOverShared(value) ? 'view' : 'foreign';
  if (types.isNativeError(value) || value instanceof Error) return 'error';
  if (prototype === OpaqueRegExp.prototype) return 'regexp';
  if (isRoot(prototype)) return 'object';
  const parent = Object.getPrototypeOf(prototype) as object | null;
  if (parent === null || !isRoot(parent)) return 'foreign';
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isDate(value)) return 'date';
  if (types.isRegExp(value)) return 'regexp';
  return types.isArrayBuffer(value) ? 'buffer' : 'foreign';
}

/** A SharedArrayBuffer or a view over one: threads can share it, but it cannot be stored as a value. */
export type SharedBytes = SharedArrayBuffer | ArrayBufferView;

/** Returns true if a value is shared memory of a class of JavaScript or Node itself; a user's class would be lost on the way. */
export function isSharedMemory(value: object): value is SharedBytes {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return false;
  if (ArrayBuffer.isView(value)) return isOverShared(value) && isBuiltinView(value, prototype);
  return types.isSharedArrayBuffer(value) && isRoot(Object.getPrototypeOf(prototype) as object);
}

/** Returns true if a prototype is the `Object.prototype` of any realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Returns true if no class of the user is in the chain: Uint8Array → %TypedArray% → Object, DataView → Object, Buffer → Uint8Array → …. */
function isBuiltinView(value: ArrayBufferView, prototype: object): boolean {
  if (Buffer.isBuffer(value)) return true;
  const parent = Object.getPrototypeOf(prototype) as object;
  if (types.isDataView(value)) return isRoot(parent);
  const root = Object.getPrototypeOf(parent) as object | null;
  return root !== null && isRoot(root);
}

/** Returns the name of an object's class, for messages. */
export function classNameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'an anonymous class';
}
