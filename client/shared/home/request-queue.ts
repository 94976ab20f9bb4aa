import { fromWire, toWire, type ManagerError } from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import { Session } from '../../../engine/core/session.js';
import { HIDDEN, type Objects } from '../../../engine/shared/objects/objects.js';
import { QueueCalls } from '../../../engine/shared/objects/queue-calls.js';
import { queueKind } from '../../../engine/shared/objects/queue.js';
import { decodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { OWN_VALUES } from './name-conflicts.js';

/** Requests of the threads of a process to its helper thread. */
export type HomeRequest =
  /** Announces an object to other processes; `backup` is the interval of copies to the manager, in milliseconds. */
  | { readonly offer: string; readonly kind: string; readonly backup: number | undefined }
  /** An object was destroyed. */
  | { readonly withdraw: string }
  /** A thread has no proxy of an anonymous object any more. */
  | { readonly dismiss: string }
  /** The process leaves the manager. */
  | { readonly leave: true };

/** A request, with the queue for its answer. */
interface Envelope {
  readonly request: HomeRequest;
  readonly answer: string;
}

/** Null, or the error of the request. */
type HomeReply = WireError | null;

const NAME = `${HIDDEN}home`;

/** The requests to the helper: a queue in the shared memory itself, which any thread can write to. */
export class RequestQueue {
  readonly #session = new Session('home', { pid: process.pid, label: 'home' });

  constructor(private readonly objects: Objects) {}

  /** Sends a request, and resolves when it is done. Rejects with the error of the helper. */
  async ask(request: HomeRequest): Promise<void> {
    const answer = `${HIDDEN}answer-${crypto.randomUUID()}`;
    const envelope: Envelope = { request, answer };
    this.#put(NAME, envelope);
    try {
      const failure = (await this.#get(answer)) as HomeReply;
      if (failure !== null) throw fromWire(failure);
    } finally {
      this.objects.destroy(answer, '');
    }
  }

  /** Executes the requests one after another, until the memory is closed. */
  async serve(work: (request: HomeRequest) => Promise<void>): Promise<never> {
    for (;;) {
      const { request, answer } = (await this.#get(NAME)) as Envelope;
      let outcome: HomeReply = null;
      try {
        await work(request);
      } catch (error) {
        outcome = toWire(error as ManagerError);
      }
      this.#put(answer, outcome);
    }
  }

  #put(queue: string, value: unknown): void {
    this.objects.open(queueKind, queue).put(value, OWN_VALUES, 0);
  }

  async #get(queue: string): Promise<unknown> {
    const calls = new QueueCalls(this.objects.open(queueKind, queue), this.objects.surroundings);
    const context: CallContext = { session: this.#session, readOnly: false, cancel: undefined, handOver() {} };
    const [payload] = await calls.take(1, context, undefined);
    return decodePayload(payload!);
  }
}
