import { PayloadTooLargeError, toWire, type ManagerError } from '../../../proto/errors.js';
import type { HomeAnswer, HomeNotice, HomeServiceAnswerRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { Notice } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';

/** Bytes after which answers are sent; smaller ones wait for the end of the turn. */
const BATCH_BYTES = 256 * 1024;

/** Batches answers and notices to remote callers: all of a turn of the event loop are sent together. */
export class Answers {
  readonly #writer = new Writer();
  #answers: HomeAnswer[] = [];
  #notices: HomeNotice[] = [];
  #bytes = 0;
  #flushing = false;

  constructor(
    readonly send: (request: HomeServiceAnswerRequest) => Promise<void>,
    /** Called for an answer that cannot be sent, so that its handed-over items are returned. */
    readonly refused: (id: number) => void,
  ) {}

  succeed(id: number, method: Method, response: unknown): void {
    const bytes = encodeMessage(this.#writer, method.output, response);
    this.#bytes += bytes.length;
    this.#add({ id, response: bytes });
  }

  fail(id: number, error: ManagerError): void {
    this.#add({ id, error: toWire(error) });
  }

  notify(caller: number, notice: Notice): void {
    this.#notices.push({ caller, notice });
    this.#flushSoon();
  }

  /** Sends the gathered answers now, before any call made next. */
  flush(): void {
    this.#flushing = false;
    const [answers, notices] = [this.#answers, this.#notices];
    if (answers.length + notices.length === 0) return;
    this.clear();
    this.#send({ answers, notices });
  }

  /** Drops the gathered answers, because their callers are gone. */
  clear(): void {
    this.#answers = [];
    this.#notices = [];
    this.#bytes = 0;
  }

  #add(answer: HomeAnswer): void {
    this.#answers.push(answer);
    if (this.#bytes >= BATCH_BYTES) this.flush();
    else this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.flush());
  }

  #send(request: HomeServiceAnswerRequest): void {
    this.send(request).catch((error: unknown) => {
      // Other failures end the session, and the calls with it.
      if (error instanceof PayloadTooLargeError) this.#tooLarge(request, error);
    });
  }

  /** Resends several answers one by one; replaces a single answer that is too large by an error. */
  #tooLarge({ answers, notices }: HomeServiceAnswerRequest, error: ManagerError): void {
    const [first] = answers;
    if (first === undefined) return;
    if (answers.length > 1) {
      for (const answer of answers) this.#send({ answers: [answer], notices: [] });
      this.#send({ answers: [], notices });
    } else if (first.response !== undefined) {
      this.refused(first.id);
      this.fail(first.id, new PayloadTooLargeError(`the answer is too large: ask for less at once (${error.message})`));
    }
  }
}
