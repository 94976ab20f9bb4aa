import type { Codec } from './codec.js';
import { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** Encodes a message. The bytes belong to the caller: the writer does not overwrite them. */
export function encodeMessage<T>(writer: Writer, codec: Codec<T>, message: T): Uint8Array {
  try {
    codec.write(writer, message);
    return writer.take();
  } catch (error) {
    writer.rewind(0);
    throw error;
  }
}

/** Decodes a message; byte strings in it are views of `bytes`. @throws MalformedError */
export function decodeMessage<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.read(new Reader(bytes), bytes.length);
}
