import { methods } from '../../../proto/methods.js';
import type { Codec } from '../../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../../proto/wire/message.js';
import { MalformedError } from '../../../proto/wire/values.js';
import { Writer } from '../../../proto/wire/writer.js';
import { drawing, type Draw } from '../../support/random.js';
import { Mutator } from '../mutator.js';
import { validRequests, type Request } from '../requests.js';
import type { Round, Target } from '../target.js';

/** The codecs of all messages of the contract. */
export const target: Target = {
  inputs: 5_000,
  begin: (seed) => new MessageRound(seed),
};

class MessageRound implements Round {
  readonly #draw: Draw;
  readonly #requests: readonly Request[];
  readonly #mutator: Mutator;
  readonly #writer = new Writer();
  #codec: Codec<unknown> = methods[0]!.input;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#requests = validRequests(seed);
    this.#mutator = new Mutator(
      this.#draw,
      this.#requests.map(({ bytes }) => bytes),
    );
  }

  /** Mostly a request of the message's type. Others have fields with the numbers of its fields, and other types. */
  next(): Uint8Array {
    const draw = this.#draw;
    const { method, bytes } = this.#requests[draw(this.#requests.length)]!;
    const { input, output } = draw(8) === 0 ? methods[draw(methods.length)]! : method;
    this.#codec = draw(4) === 0 ? output : input;
    return this.#mutator.mutated(bytes);
  }

  take(bytes: Uint8Array): void {
    const codec = this.#codec;
    let message: unknown;
    try {
      message = decodeMessage(codec, bytes);
    } catch (error) {
      if (error instanceof MalformedError) return;
      throw error;
    }
    codec.payloads?.(message, () => {});
    const written = Buffer.from(encodeMessage(this.#writer, codec, message));
    const again = encodeMessage(this.#writer, codec, decodeMessage(codec, written));
    if (Buffer.compare(written, again) !== 0) throw new Error(`a ${codec.typeName} that is written is read as another one`);
  }
}
