import type { CallContext, HandedOver } from '../../../proto/contract.js';
import { CancelledError, ManagerError, fromWire } from '../../../proto/errors.js';
import type { HomeAnswer } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import { methodNamed } from '../../../proto/methods.js';
import { asManagerError } from '../../core/calls.js';
import type { Clock } from '../../core/clock.js';
import { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { callState, errorOf, errorState, found } from '../../core/state.js';
import { EMPTY, type Method } from '../../../proto/wire/codec.js';
import { decodeMessage } from '../../../proto/wire/message.js';

/** A call that another process answers, until it does. */
export class ForwardedCall implements Stateful {
  readonly outcome: Future<unknown>;
  /** True once the home got the call and may have executed it. */
  sent = false;
  /** Reason of a cancellation. The call still waits for the home, whose response may have crossed with the cancellation. */
  cancelled: Error | undefined;

  constructor(
    clock: Clock,
    readonly method: Method,
    readonly request: Uint8Array,
    /** Request of the `Open` that goes before the call. */
    readonly open: Uint8Array | undefined,
    readonly context: CallContext,
  ) {
    this.outcome = new Future(clock);
  }

  state() {
    const { method, request, open, context, sent, cancelled } = this;
    return {
      method: method.name,
      request,
      open,
      call: callState(context),
      sent,
      cancelled: cancelled && errorState(asManagerError(cancelled)),
    };
  }

  /** Makes a call that waits again. */
  static restored({ method, request, open, call, sent, cancelled }: StateOf<ForwardedCall>, restoring: Restoring): ForwardedCall {
    const restored = new ForwardedCall(restoring.clock, found(methodNamed(method), method), request, open, restoring.call(call));
    restored.sent = sent;
    if (cancelled !== undefined) restored.cancelled = errorOf(cancelled);
    return restored;
  }

  /** @param handedOver tells the home whether the client took what the response handed over */
  answered({ response, error }: HomeAnswer, handedOver: HandedOver): void {
    this.context.cancel = undefined;
    const { cancelled, method } = this;
    if (error !== undefined) {
      const failure = fromWire(error);
      this.outcome.reject(cancelled !== undefined && failure instanceof CancelledError ? cancelled : failure);
    } else if (cancelled !== undefined && method.takes) {
      // The response crossed with the cancellation. The home undoes the hand-over when it gets the cancellation.
      this.outcome.reject(cancelled);
    } else {
      this.#receive(response, handedOver);
    }
  }

  #receive(response: Uint8Array | undefined, handedOver: HandedOver): void {
    const { method, context } = this;
    try {
      const message = decodeMessage(method.output, response ?? EMPTY);
      if (method.takes) context.handOver(handedOver);
      this.outcome.resolve(message);
    } catch (cause) {
      this.outcome.reject(
        new ManagerError(`the home of the object sent an answer that cannot be decoded: ${(cause as Error).message}`, { cause }),
      );
    }
  }

  fail(error: Error): void {
    this.context.cancel = undefined;
    this.outcome.reject(error);
  }

  /** Continues the call in the manager. `call` runs a method, and `opener` is the method of the `Open` before it. */
  resume(call: (method: Method, request: unknown, context: CallContext) => unknown, opener: Method | undefined): void {
    const { method, open, context, cancelled } = this;
    this.context.cancel = undefined;
    if (cancelled !== undefined) return this.outcome.reject(cancelled);
    try {
      if (open !== undefined && opener !== undefined) call(opener, decodeMessage(opener.input, open), context);
      this.outcome.resolve(call(method, decodeMessage(method.input, this.request), context));
    } catch (error) {
      this.outcome.reject(error);
    }
  }
}
