import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Bytes before the input: seed, number of the input in its round, inputs of the run so far, and the input's length. */
const HEAD_BYTES = 20;
/** Bytes of an input that are kept. The seed can make all of it again. */
const KEPT_BYTES = 4096;

/** The input that a fuzzed process works on. */
export interface JournalEntry {
  readonly seed: number;
  /** Number of the input in its round. */
  readonly number: number;
  /** Inputs of the run so far. */
  readonly inputs: number;
  readonly length: number;
  /** The beginning of the input. */
  readonly begin: Buffer;
}

/** A file in which a process says which input it works on before it begins, so that the input is known if the process crashes or hangs. */
export class Journal implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(HEAD_BYTES + KEPT_BYTES);

  /** @param mode `w+` empties the file, `r+` reads or writes another process's */
  constructor(path: string, mode: 'w+' | 'r+') {
    this.#file = openSync(path, mode);
  }

  write(seed: number, number: number, inputs: number, input: Uint8Array): void {
    const buffer = this.#buffer;
    buffer.writeDoubleLE(seed, 0);
    buffer.writeUInt32LE(number, 8);
    buffer.writeUInt32LE(inputs, 12);
    buffer.writeUInt32LE(input.length, 16);
    const kept = Math.min(input.length, KEPT_BYTES);
    buffer.set(input.length > kept ? input.subarray(0, kept) : input, HEAD_BYTES);
    writeSync(this.#file, buffer, 0, HEAD_BYTES + kept, 0);
  }

  /** Undefined before the first input. */
  read(): JournalEntry | undefined {
    const buffer = this.#buffer;
    if (readSync(this.#file, buffer, 0, buffer.length, 0) === 0) return undefined;
    const length = buffer.readUInt32LE(16);
    return {
      seed: buffer.readDoubleLE(0),
      number: buffer.readUInt32LE(8),
      inputs: buffer.readUInt32LE(12),
      length,
      begin: Buffer.from(buffer.subarray(HEAD_BYTES, HEAD_BYTES + Math.min(length, KEPT_BYTES))),
    };
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
