import type { CallContext, Caller, Engine, HandedOver, Handler, SessionResource } from '../../../proto/contract.js';
import { CancelledError, ClosedError, ManagerError, UnimplementedError, executed } from '../../../proto/errors.js';
import type { Warning } from '../../../proto/gen/commonhold/v1/session_wire.js';
import { openerOf } from '../../../proto/methods.js';
import { isThenable } from '../../../proto/thenable.js';
import type { Method } from '../../../proto/wire/codec.js';
import { copyOf, passedOn } from '../../call-site.js';
import { Aborts } from './aborts.js';
import { ReferenceScan } from './references.js';
import type { CallOptions, HandOver, Transport } from './transport.js';

/** A session of an engine in this process, which ends when the transport closes. */
export interface LocalCaller extends Caller {
  end(): void;
}

/** Calls an engine in this process, without frames. Answers are acknowledged immediately. */
export class DirectTransport implements Transport {
  readonly #waiting = new Set<DirectCall>();
  readonly #holds = new Map<number, (reason: Error) => void>();
  readonly #aborts = new Aborts();
  readonly #references = new ReferenceScan();
  #warned: (warning: Warning) => void = () => {};
  #referred: (names: readonly string[]) => void = () => {};
  #closed: ClosedError | undefined;

  constructor(
    readonly engine: Engine,
    readonly address: string,
    readonly session: LocalCaller,
  ) {}

  isAt(address: string): boolean {
    return address === '' || address === this.address;
  }

  get sessionId(): string {
    return this.session.id;
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

  async call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options: CallOptions = {}): Promise<R> {
    const { signal, opening, handOver } = options;
    const call = new DirectCall(this.engine, this.session, handOver);
    const abort = (): void => this.engine.turn(() => call.cancel?.(new CancelledError('cancelled by the caller')));
    try {
      this.#assertWanted(signal);
      if (opening) {
        await this.#handler(openerOf(method)!)(opening.request, call);
        this.#assertWanted(signal);
      }
      const result = this.#handler(method)(request, call);
      if (!isThenable(result)) {
        // Near the end of the caller's stack, reading could fail, and what the call took would be lost: a later turn has all of the stack.
        if (method.idempotency === 'unknown') await Promise.resolve();
        return this.#read(method, result as O, read);
      }
      if (signal) this.#aborts.add(signal, abort);
      this.#waiting.add(call);
      return this.#read(method, (await result) as O, read);
    } catch (error) {
      throw error instanceof CancelledError && signal?.aborted ? signal.reason : passedOn(error);
    } finally {
      this.#waiting.delete(call);
      if (signal) this.#aborts.delete(signal, abort);
    }
  }

  #read<I, O, R>(method: Method<I, O>, response: O, read: (response: O) => R): R {
    const names = this.#references.namesIn(method, response);
    if (names === undefined) return received(method, read, response);
    try {
      return received(method, read, response);
    } finally {
      this.#referred(names);
    }
  }

  #assertWanted(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw copyOf(this.#closed);
  }

  #handler(method: Method): Handler {
    const handler = this.engine.handler(method);
    if (!handler) throw new UnimplementedError(`the engine ${this.engine.name} does not offer ${method.name}`, { method: method.name });
    return handler;
  }

  onLost(token: number, told: (reason: Error) => void): () => void {
    this.#holds.set(token, told);
    return () => this.#holds.delete(token);
  }

  checkLease(): void {}

  /** Called by the engine when a hold ended. */
  lost(token: number, reason = new ClosedError('the lease ended')): void {
    this.#holds.get(token)?.(reason);
    this.#holds.delete(token);
  }

  onReferences(told: (names: readonly string[]) => void): void {
    this.#referred = told;
  }

  onWarning(told: (warning: Warning) => void): void {
    this.#warned = told;
  }

  /** Called by the engine with a warning. */
  warned(warning: Warning): void {
    this.#warned(warning);
  }

  close(reason = new ClosedError('this manager was closed by its program')): Promise<void> {
    this.#closed ??= reason;
    const { engine } = this;
    engine.turn(() => {
      for (const call of [...this.#waiting].reverse()) call.cancel?.(this.#closed!);
      this.session.end();
    });
    for (const token of [...this.#holds.keys()]) this.lost(token, this.#closed);
    return Promise.resolve();
  }
}

class DirectCall implements CallContext {
  readonly readOnly = false;
  cancel: ((reason: Error) => void) | undefined;

  constructor(
    private readonly engine: Engine,
    readonly session: Caller,
    readonly claimant: HandOver | undefined,
  ) {}

  handOver(handedOver: HandedOver): void {
    if (!this.claimant) return handedOver.settled?.();
    let taken = 0;
    // Registered as a session resource, so that unacknowledged items go back when the session ends.
    const unclaimed: SessionResource = { abandon: () => handedOver.giveBack(taken, true), identity: () => handedOver.state() };
    const settle = (): boolean => this.session.holds.delete(unclaimed);
    this.session.holds.add(unclaimed);
    this.claimant.arrived(
      (count, sent) => {
        if (count !== undefined) taken = count;
        else if (settle() && handedOver.settled) this.engine.turn(() => handedOver.settled!());
        sent?.();
      },
      () => {
        if (settle()) this.engine.turn(() => handedOver.giveBack(taken, false));
      },
    );
  }
}

/** Reads an answer. An error of reading says that the call was executed. */
function received<I, O, R>(method: Method<I, O>, read: (response: O) => R, response: O): R {
  try {
    return read(response);
  } catch (error) {
    throw error instanceof ManagerError && method.idempotency !== 'read' ? executed(error) : error;
  }
}
