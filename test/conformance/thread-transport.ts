import type { MessagePort } from 'node:worker_threads';
import { Aborts } from '../../client/connect/transport/aborts.js';
import type { CallOptions, HandOver, Transport } from '../../client/connect/transport/transport.js';
import { ClosedError, fromWire, InvalidArgumentError } from '../../proto/errors.js';
import type { Warning } from '../../proto/gen/commonhold/v1/session_wire.js';
import { openerOf } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import type { Reply, Request } from './thread-messages.js';

interface Pending {
  readonly method: Method;
  readonly options: CallOptions;
  readonly answered: (response: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Has another thread make the calls; they travel to it as bytes through a port. */
export class ThreadTransport implements Transport {
  readonly address = 'shared';
  readonly #pending = new Map<number, Pending>();
  readonly #holds = new Map<number, (reason: Error) => void>();
  readonly #aborts = new Aborts();
  #warned: (warning: Warning) => void = () => {};
  #closed: ClosedError | undefined;
  #ids = 0;

  constructor(
    readonly sessionId: string,
    private readonly port: MessagePort,
    /** Resolves when the thread has released the client's holds. */
    private readonly left: Promise<unknown>,
  ) {
    port.on('message', (reply: Reply) => this.#hear(reply));
  }

  get connected(): boolean {
    return !this.closed;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  get connectionId(): string | undefined {
    return this.connected ? this.sessionId : undefined;
  }

  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options: CallOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const { signal } = options;
      signal?.throwIfAborted();
      if (this.#closed) throw this.#closed;
      const id = ++this.#ids;
      const opening = options.opening && encode(openerOf(method)!, options.opening.request);
      this.#tell({ id, method: method.name, request: encode(method, request), open: opening });
      const abort = (): void => this.#tell({ cancel: id });
      if (signal) this.#aborts.add(signal, abort);
      const settled = (): void => {
        this.#pending.delete(id);
        if (signal) this.#aborts.delete(signal, abort);
      };
      this.#pending.set(id, {
        method: method,
        options,
        answered: (response) => {
          settled();
          // The thread takes back the item or hold when the cancellation reaches it.
          if (signal?.aborted === true && method.takes) return reject(signal.reason as Error);
          if (method.takes) this.#handedOver(id, options.handOver);
          try {
            resolve(read(response as O));
          } catch (error) {
            reject(error);
          }
        },
        failed: (error) => {
          settled();
          reject(signal?.aborted === true ? (signal.reason as Error) : (error as Error));
        },
      });
    });
  }

  #tell(request: Request): void {
    this.port.postMessage(request);
  }

  #hear(reply: Reply): void {
    if ('lost' in reply) return this.#lost(reply.lost);
    if ('warning' in reply) return this.#warned(reply.warning);
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if ('error' in reply) pending.failed(fromWire({ ...reply.error, method: reply.error.method || pending.method.name }));
    else pending.answered(decodeMessage(pending.method.output, reply.response));
  }

  #lost(token: number): void {
    this.#holds.get(token)?.(new ClosedError('the lease ended'));
    this.#holds.delete(token);
  }

  #handedOver(id: number, handOver: HandOver | undefined): void {
    if (handOver === undefined) return this.#tell({ taken: id, count: undefined });
    handOver.arrived(
      (count, sent) => {
        this.#tell({ taken: id, count });
        sent?.();
      },
      () => this.#tell({ cancel: id }),
    );
  }

  isAt(address: string): boolean {
    return address === '' || address === this.address;
  }

  onLost(token: number, told: (reason: Error) => void): () => void {
    this.#holds.set(token, told);
    return () => this.#holds.delete(token);
  }

  checkLease(): void {}

  /** Shared memory counts no references. */
  onReferences(): void {}

  onWarning(told: (warning: Warning) => void): void {
    this.#warned = told;
  }

  async close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new ClosedError('this manager was closed by its program');
      this.port.close();
      for (const { failed } of [...this.#pending.values()].reverse()) failed(this.#closed);
      for (const told of this.#holds.values()) told(this.#closed);
    }
    await this.left;
  }
}

function encode(method: Method, request: unknown): Uint8Array {
  try {
    // A copy: the writer's buffer is larger than the message, and all of it would travel.
    return Uint8Array.from(encodeMessage(new Writer(), method.input, request));
  } catch (cause) {
    throw new InvalidArgumentError(`the request cannot be written: ${(cause as Error).message}`, { cause, method: method.name });
  }
}
