import { types } from 'node:util';
import { malformed } from './refuse.js';

/** Classes of buffers and views, by their number in the body of the extension. Elements are little-endian. */
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

/** Returns the name of the class of a view or buffer, also for one of another realm. */
export function binaryClass(value: ArrayBufferView | ArrayBuffer): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Returns the bytes of a view or buffer, without a copy. */
export function bytesOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

/**
 * Returns true if a view is over a SharedArrayBuffer, also of another realm. Costs about 40 ns for the access to its buffer; the first
 * access for a typed array of up to 64 bytes costs about 0.5 µs, because V8 creates its buffer only then.
 */
export function isOverShared(view: ArrayBufferView): boolean {
  const { buffer } = view;
  return !(buffer instanceof ArrayBuffer) && types.isSharedArrayBuffer(buffer);
}

/** Returns true if a value is a Uint8Array or Buffer, which travels as plain bytes. */
export function isBytes(value: unknown): value is Uint8Array {
  return types.isUint8Array(value);
}

/** Encodes the body of the extension: the number of the class, then the bytes. */
export function binaryBody(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  const bytes = bytesOf(value);
  const body = new Uint8Array(1 + bytes.length);
  body[0] = (CLASSES as readonly string[]).indexOf(binaryClass(value));
  body.set(bytes, 1);
  return body;
}

/** Decodes the body that {@link binaryBody} encoded, into new memory. */
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
