import { MalformedError } from './values.js';

/** gRPC puts this many bytes before each message: a flag, and the length. */
export const PREFIX_BYTES = 5;

/** A message that is too large. */
export class OversizeError extends MalformedError {}

/** Fills in the prefix of a message that has room for it in front. */
export function writePrefix(message: Buffer): void {
  message[0] = 0;
  message.writeUInt32BE(message.length - PREFIX_BYTES, 1);
}

/** Cuts a stream of chunks into gRPC messages, without their prefixes. */
export class Deframer {
  #rest: Buffer[] = [];
  #bytes = 0;
  /** Bytes the next message needs, its prefix included, as far as known. */
  #needed = PREFIX_BYTES;

  constructor(
    readonly deliver: (message: Buffer) => void,
    readonly maxBytes = Infinity,
  ) {}

  /** Throws {@link OversizeError} for a too large message, {@link MalformedError} for a compressed one. */
  push(chunk: Buffer): void {
    let all = chunk;
    if (this.#rest.length > 0) {
      this.#rest.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes < this.#needed) return;
      all = Buffer.concat(this.#rest, this.#bytes);
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

  #length(bytes: Buffer, at: number): number {
    if (bytes[at] !== 0) throw new MalformedError('a compressed message, where none was agreed');
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.maxBytes) throw new OversizeError(`a message of ${length} bytes, where ${this.maxBytes} are the most`);
    return length;
  }
}
