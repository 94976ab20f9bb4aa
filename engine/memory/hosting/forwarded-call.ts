import type { CallContext } from '../../../proto/contract.js';
import { CancelledError, ManagerError, fromWire } from '../../../proto/errors.js';
import type { HomeAnswer } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { EMPTY, type Method } from '../../../proto/wire/codec.js';
import { decodeMessage } from '../../../proto/wire/message.js';

/** What the home is told of what its answer handed over. */
export interface Handover {
  giveBack(taken: number): void;
  settled(): void;
}

/** A call that another process answers, from the moment it is made until it is answered. */
export class ForwardedCall {
  readonly promise: Promise<unknown>;
  /** The home was told of it, and may have done it. */
  sent = false;
  /** Why it was given up. Its home has the last word, which may be an answer that crossed. */
  cancelled: Error | undefined;
  #resolve!: (response: unknown) => void;
  #reject!: (error: Error) => void;

  constructor(
    readonly method: Method,
    readonly request: Uint8Array,
    /** The request of the `Open` that goes before it. */
    readonly open: Uint8Array | undefined,
    readonly context: CallContext,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends the call with what its home says. */
  answered({ response, error }: HomeAnswer, handover: Handover): void {
    this.context.cancel = undefined;
    const { cancelled, method } = this;
    if (error !== undefined) {
      const failure = fromWire(error);
      this.#reject(cancelled !== undefined && failure instanceof CancelledError ? cancelled : failure);
    } else if (cancelled !== undefined && method.takes) {
      // The two crossed: when the home hears that the call is given up, it takes back what it gave.
      this.#reject(cancelled);
    } else {
      this.#receive(response, handover);
    }
  }

  #receive(response: Uint8Array | undefined, handover: Handover): void {
    const { method, context } = this;
    try {
      const message = decodeMessage(method.output, response ?? EMPTY);
      if (method.takes)
        context.handOver(
          (taken) => handover.giveBack(taken),
          () => handover.settled(),
        );
      this.#resolve(message);
    } catch (cause) {
      this.#reject(new ManagerError(`the home of the object gave an answer that cannot be read: ${(cause as Error).message}`, { cause }));
    }
  }

  fail(error: Error): void {
    this.context.cancel = undefined;
    this.#reject(error);
  }

  /** Goes on here, with the handlers that answer the call and the `Open` before it. */
  resume(call: (method: Method, request: unknown, context: CallContext) => unknown, opener: Method | undefined): void {
    const { method, open, context, cancelled } = this;
    this.context.cancel = undefined;
    if (cancelled !== undefined) return this.#reject(cancelled);
    try {
      if (open !== undefined && opener !== undefined) call(opener, decodeMessage(opener.input, open), context);
      this.#resolve(call(method, decodeMessage(method.input, this.request), context));
    } catch (error) {
      this.#reject(error as Error);
    }
  }
}
