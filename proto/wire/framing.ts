import { MalformedError } from './values.js';

/** Length of the prefix of a gRPC message: a flag byte and a length of four bytes. */
export const PREFIX_BYTES = 5;

/** A message that exceeds the size limit. */
export class OversizeError extends MalformedError {}

/** Fills in the prefix of a message that has room for it at the start. */
export function writePrefix(message: Buffer): void {
  message[0] = 0;
  message.writeUInt32BE(message.length - PREFIX_BYTES, 1);
}

/** Size in bytes below which a chunk is copied: kept by itself, it takes more than a hundred bytes beside its content. */
const SMALL_BYTES = 1024;
/** Size in bytes of the buffers into which small chunks are copied. */
const COPY_BYTES = 16 * 1024;

/** Splits a stream of chunks into gRPC messages, without their prefixes. */
export class Deframer {
  #rest: Buffer[] = [];
  #bytes = 0;
  /** The last buffer of the rest, and its used part, if small chunks are copied into it. */
  #copies: Buffer | undefined;
  #copied = 0;
  /** Bytes that the next message needs, including its prefix, as far as known. */
  #needed = PREFIX_BYTES;

  constructor(
    readonly deliver: (message: Buffer) => void,
    readonly maxBytes = Infinity,
  ) {}

  /** @throws OversizeError for a message beyond `maxBytes`, MalformedError for a compressed one */
  push(chunk: Buffer): void {
    let all = chunk;
    if (this.#rest.length > 0) {
      this.#keep(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes < this.#needed) return;
      all = Buffer.concat(this.#rest, this.#bytes);
      this.#copies = undefined;
    }
    let begin = 0;
    this.#needed = PREFIX_BYTES;
    while (all.length - begin >= PREFIX_BYTES) {
      const end = begin + PREFIX_BYTES + this.#length(all, begin);
      if (end > all.length) {
        this.#needed = end - begin;
        break;
      }
      this.deliver(all.subarray(begin + PREFIX_BYTES, end));
      begin = end;
    }
    this.#bytes = all.length - begin;
    if (this.#rest.length > 0 || this.#bytes > 0) this.#rest = this.#bytes === 0 ? [] : [all.subarray(begin)];
  }

  #keep(chunk: Buffer): void {
    const rest = this.#rest;
    if (chunk.length >= SMALL_BYTES) {
      this.#copies = undefined;
      rest.push(chunk);
      return;
    }
    if (this.#copies === undefined || this.#copied + chunk.length > COPY_BYTES) {
      this.#copies = Buffer.allocUnsafeSlow(COPY_BYTES);
      this.#copied = 0;
      rest.push(this.#copies);
    }
    chunk.copy(this.#copies, this.#copied);
    this.#copied += chunk.length;
    rest[rest.length - 1] = this.#copies.subarray(0, this.#copied);
  }

  #length(bytes: Buffer, at: number): number {
    if (bytes[at] !== 0) throw new MalformedError('a compressed message, where none was agreed');
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.maxBytes) throw new OversizeError(`a message of ${length} bytes, where ${this.maxBytes} are the most`);
    return length;
  }
}
