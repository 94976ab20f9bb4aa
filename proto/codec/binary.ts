import { types } from 'node:util';
import { malformed } from './refuse.js';

/**
 * What lies on an ArrayBuffer, by its number in the body of the extension. Elements have the little
 * end first.
 */
const CLASSES = [
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const;

type ViewConstructor = (new (buffer: ArrayBuffer) => ArrayBufferView) & { readonly BYTES_PER_ELEMENT?: number };

/** Name of the class of a view or buffer, whichever realm made it. */
export function binaryClass(value: ArrayBufferView | ArrayBuffer): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** The bytes a view or buffer shows; not a copy. */
export function bytesOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

/**
 * Whether a view shows memory of a SharedArrayBuffer, whichever realm made it. Costs a look at its buffer, about
 * 40 ns; the first look at a typed array of up to 64 bytes costs about 0.5 µs, since V8 only then makes its buffer.
 */
export function isOverShared(view: ArrayBufferView): boolean {
  const { buffer } = view;
  return !(buffer instanceof ArrayBuffer) && types.isSharedArrayBuffer(buffer);
}

/** Whether a value is a Uint8Array or Buffer: bytes as such. */
export function isBytes(value: unknown): value is Uint8Array {
  return types.isUint8Array(value);
}

/** The body of the extension: the number of the class, then the bytes. */
export function binaryBody(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  const bytes = bytesOf(value);
  const body = new Uint8Array(1 + bytes.length);
  body[0] = (CLASSES as readonly string[]).indexOf(binaryClass(value));
  body.set(bytes, 1);
  return body;
}

/** What {@link binaryBody} wrote, over memory of its own. */
export function bodyBinary(body: Uint8Array): ArrayBufferView | ArrayBuffer {
  const name = CLASSES[body[0] ?? -1];
  if (name === undefined) throw malformed('binary data of an unknown class');
  const bytes = new Uint8Array(body.subarray(1));
  if (name === 'ArrayBuffer') return bytes.buffer;
  const type = (globalThis as unknown as Record<string, ViewConstructor | undefined>)[name];
  if (type === undefined) throw malformed(`this JavaScript has no ${name}`);
  if (bytes.length % (type.BYTES_PER_ELEMENT ?? 1) !== 0) throw malformed(`a ${name} of ${bytes.length} bytes`);
  return new type(bytes.buffer);
}
