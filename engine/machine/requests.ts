import { CancelledError, InvalidArgumentError, LimitExceededError, type ManagerError } from '../../proto/errors.js';
import type { State, Stateful, StateOf } from '../../proto/state.js';
import type { Clock } from '../core/clock.js';
import type { Restoring } from '../core/restoring.js';
import { errorOf, errorState, found } from '../core/state.js';
import { Expiries } from '../memory/lifetime/expiries.js';
import type { UnaryRequest } from './inputs.js';
import type { UnaryDone } from './unary.js';

/** Time for which a request is kept after its answer, or after its last caller gave up, in milliseconds. */
const KEPT_MS = 5 * 60 * 1000;
/** Size of all kept requests and answers, in bytes. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Bytes of a kept request beside its contents. */
const REQUEST_BYTES = 256;
const LONGEST_ID = 128;

/** A request that its caller may send again. */
interface KeptRequest {
  /** Its id among the requests of all tokens. */
  readonly key: string;
  readonly request: UnaryRequest;
  /** Number of the call that executes it. */
  readonly call: number;
  /** Calls that wait for its answer, by number. */
  readonly waiting: Map<number, UnaryDone>;
  /** Undefined while the call is executed. */
  answer: Buffer | ManagerError | undefined;
}

/**
 * Unary requests with an id, each of which is executed once: a call with an id that is known gets the answer of the first. The request goes on
 * if its callers give up, so that it keeps its place in line for a caller that comes back.
 */
export class Requests implements Stateful {
  readonly #byId = new Map<string, KeptRequest>();
  /** Requests without an answer, by the number of each call that waits for it. */
  readonly #byCall = new Map<number, KeptRequest>();
  readonly #ends: Expiries<KeptRequest>;
  #bytes = 0;
  /** Number of kept answers. */
  answers = 0;

  constructor(
    clock: Clock,
    /** Cancels the call that executes a request. */
    private readonly cancel: (call: number) => void,
  ) {
    this.#ends = new Expiries(clock, (kept) => this.#end(kept));
  }

  state() {
    const kept = Array.from(this.#byId.values(), ({ request, call, waiting, answer }) => ({
      request: { ...request },
      call,
      waiting: [...waiting.keys()],
      answer: answer instanceof Error ? errorState(answer) : answer,
    }));
    return { kept, ends: this.#ends.state(({ key }) => key) };
  }

  /** @param done gets the answer of a call that waits */
  restore({ kept, ends }: StateOf<Requests>, restoring: Restoring, done: (call: number, answer: Buffer | ManagerError) => void): void {
    for (const state of kept) {
      const { request } = state;
      const answer = answerOf(state.answer);
      const restored: KeptRequest = { key: keyOf(request), request, call: state.call, waiting: new Map(), answer };
      this.#byId.set(restored.key, restored);
      this.#bytes += sizeOfRequest(restored) + sizeOfAnswer(restored);
      if (answer !== undefined) this.answers++;
      for (const call of state.waiting) this.#wait(restored, call, (given) => done(call, given));
    }
    this.#ends.restore(ends, restoring, (key) => found(this.#byId.get(key), key));
  }

  /** Returns the receiver of the answer of a call that executes a request with an id. It may be kept no more by then. */
  receiverOf(request: Pick<UnaryRequest, 'id' | 'token'>, call: number): UnaryDone {
    const key = keyOf(request);
    return (answer) => {
      const kept = this.#byId.get(key);
      if (kept?.call === call) this.#answered(kept, answer);
    };
  }

  /**
   * Takes a call. Returns the receiver of its answer if it has to be executed; undefined if the request is known.
   * @throws InvalidArgumentError if the id is none, or stands for another request
   * @throws LimitExceededError if too much is kept
   */
  take(call: number, request: UnaryRequest, done: UnaryDone): UnaryDone | undefined {
    const { id } = request;
    if (id === undefined) return done;
    if (id === '' || id.length > LONGEST_ID) {
      throw new InvalidArgumentError(`a request id of ${id.length} characters: give 1 to ${LONGEST_ID}`);
    }
    const kept = this.#byId.get(keyOf(request));
    if (kept === undefined) return this.#begin(call, request, done);
    if (!same(kept.request, request)) {
      throw new InvalidArgumentError(`the request id "${id}" stands for another request: give each request an id of its own`);
    }
    if (kept.answer !== undefined) done(kept.answer);
    else this.#wait(kept, call, done);
    return undefined;
  }

  #begin(call: number, request: UnaryRequest, done: UnaryDone): UnaryDone {
    if (this.#bytes >= KEPT_BYTES) {
      throw new LimitExceededError(`answers of ${this.#bytes} bytes are kept for requests with an id: try again later, or without an id`);
    }
    // A copy, since the bytes may be a view of all that arrived.
    const copy = { ...request, bytes: request.bytes.slice() };
    const kept: KeptRequest = { key: keyOf(request), request: copy, call, waiting: new Map(), answer: undefined };
    this.#byId.set(kept.key, kept);
    this.#bytes += sizeOfRequest(kept);
    this.#wait(kept, call, done);
    return this.receiverOf(request, call);
  }

  #wait(kept: KeptRequest, call: number, done: UnaryDone): void {
    kept.waiting.set(call, done);
    this.#byCall.set(call, kept);
    this.#ends.set(kept, undefined);
  }

  #answered(kept: KeptRequest, answer: Buffer | ManagerError): void {
    const size = answer instanceof Error ? 0 : answer.length;
    kept.answer = this.#bytes + size > KEPT_BYTES ? notKept(size) : answer;
    this.answers++;
    this.#bytes += sizeOfAnswer(kept);
    this.#ends.set(kept, KEPT_MS);
    for (const [call, done] of kept.waiting) {
      this.#byCall.delete(call);
      done(answer);
    }
    kept.waiting.clear();
  }

  /** Returns the numbers of the calls that wait for an answer. */
  callers(): number[] {
    return [...this.#byCall.keys()];
  }

  /** The caller gave a call up. Returns false if the call is of no request with an id, or is over. */
  leave(call: number): boolean {
    const kept = this.#byCall.get(call);
    if (kept === undefined) return false;
    const done = kept.waiting.get(call)!;
    kept.waiting.delete(call);
    this.#byCall.delete(call);
    if (kept.waiting.size === 0) this.#ends.set(kept, KEPT_MS);
    done(new CancelledError('cancelled by the caller'));
    return true;
  }

  #end(kept: KeptRequest): void {
    this.#byId.delete(kept.key);
    this.#bytes -= sizeOfRequest(kept) + sizeOfAnswer(kept);
    if (kept.answer === undefined) this.cancel(kept.call);
    else this.answers--;
  }
}

function answerOf(state: State): Buffer | ManagerError | undefined {
  if (state === undefined) return undefined;
  return state instanceof Uint8Array ? Buffer.from(state) : errorOf(state);
}

/** Requests of two tokens are different ones, although they may have the same id. A name has no line break. */
function keyOf({ id, token }: Pick<UnaryRequest, 'id' | 'token'>): string {
  return token === undefined ? id! : `${token}\n${id}`;
}

/** The error for a caller that comes back. */
function notKept(bytes: number): ManagerError {
  return new LimitExceededError(`the answer of ${bytes} bytes was sent once, and not kept: there was no room for it`, {
    mayHaveExecuted: true,
    retryable: false,
  });
}

function same(one: UnaryRequest, other: UnaryRequest): boolean {
  return one.method === other.method && one.packed === other.packed && Buffer.compare(one.bytes, other.bytes) === 0;
}

function sizeOfRequest({ key, request }: KeptRequest): number {
  return REQUEST_BYTES + key.length + request.bytes.length;
}

function sizeOfAnswer({ answer }: KeptRequest): number {
  return answer === undefined || answer instanceof Error ? 0 : answer.length;
}
