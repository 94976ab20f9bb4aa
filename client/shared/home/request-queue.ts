import { fromWire, toWire, type ManagerError } from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import { HIDDEN } from '../../../engine/shared/objects/objects.js';
import type { Client } from '../../connect/client.js';
import { SharedQueue } from '../../objects/queue/queue.js';

/** What the threads of a process ask of the one that is the home of their objects for others. */
export type HomeRequest =
  /** Others are to see an object, and the manager to get a copy of it now and then, where `backup` says how often, in milliseconds. */
  | { readonly offer: string; readonly kind: string; readonly backup: number | undefined }
  /** An object was destroyed. */
  | { readonly withdraw: string }
  /** A thread has no proxy any more of an object without a name. */
  | { readonly dismiss: string }
  /** The process has no use for it any more. */
  | { readonly leave: true };

/** A request on its way, with the queue that its answer goes into. */
interface Envelope {
  readonly request: HomeRequest;
  readonly answer: string;
}

/** An answer: nothing, or what went wrong. */
type HomeReply = WireError | null;

const INBOX = `${HIDDEN}home`;

/** Where the home gets what is asked of it: a queue in the shared memory itself, which any thread can write to. */
export class RequestQueue {
  readonly #envelopes: SharedQueue<Envelope>;

  constructor(private readonly client: Client) {
    this.#envelopes = new SharedQueue<Envelope>(client, INBOX);
  }

  /** Asks, and resolves when it is done. Rejects with what went wrong. */
  async ask(request: HomeRequest): Promise<void> {
    const answer = `${HIDDEN}answer-${crypto.randomUUID()}`;
    const answers = new SharedQueue<HomeReply>(this.client, answer);
    const envelope: Envelope = { request, answer };
    await this.#envelopes.put(envelope);
    try {
      const failure = await answers.get();
      if (failure !== null) throw fromWire(failure as WireError);
    } finally {
      await answers.destroy();
    }
  }

  /** Does what is asked, one after the other, for as long as it is there. */
  async serve(work: (request: HomeRequest) => Promise<void>): Promise<void> {
    for await (const { request, answer } of this.#envelopes) {
      let outcome: HomeReply = null;
      try {
        await work(request);
      } catch (error) {
        outcome = toWire(error as ManagerError);
      }
      await new SharedQueue<HomeReply>(this.client, answer).put(outcome);
    }
  }
}
