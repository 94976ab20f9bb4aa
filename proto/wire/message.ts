import type { Codec } from './codec.js';
import { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** A message as bytes of its own: they stay as they are, whatever the writer writes next. */
export function encodeMessage<T>(writer: Writer, codec: Codec<T>, message: T): Uint8Array {
  try {
    codec.write(writer, message);
    return writer.take();
  } catch (error) {
    writer.rewind(0);
    throw error;
  }
}

/** The message that bytes stand for; byte strings in it are views of them. Throws MalformedError. */
export function decodeMessage<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.read(new Reader(bytes), bytes.length);
}
