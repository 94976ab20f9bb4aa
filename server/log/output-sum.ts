import { crc32 } from 'node:zlib';
import { toWire, type ManagerError } from '../../proto/errors.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';

/** A checksum of everything that a machine sends. */
export class OutputSum {
  #sum = 0;

  frame(session: number, frame: Buffer): void {
    this.#add(session, frame.subarray(PREFIX_BYTES));
  }

  done(call: number, answer: Buffer | ManagerError): void {
    this.#add(call, answer instanceof Error ? JSON.stringify(toWire(answer)) : answer);
  }

  #add(to: number, content: Buffer | string): void {
    this.#sum = crc32(content, (this.#sum + to) >>> 0);
  }

  /** Returns the checksum of everything since the last call. */
  take(): number {
    const sum = this.#sum;
    this.#sum = 0;
    return sum;
  }
}
