import { duration } from '../../../proto/duration.js';
import { formatAddress, parseAddress, type Address } from '../../../proto/address.js';
import { ClosedError, ManagerError, ManagerUnavailableError, UnauthenticatedError, timedOut } from '../../../proto/errors.js';
import type { Warning } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { CallSites, copyOf, passedOn, placed, type Site } from '../../call-site.js';
import { Connection } from './connection.js';
import type { Explain } from './connection-options.js';
import { withinLimits } from './limits.js';
import type { ClientOptions } from './session-link.js';
import { timeoutOf, type CallOptions, type CallTracer, type Transport } from './transport.js';

/** Options of a session, with all defaults. */
export interface SessionOptions extends ClientOptions {
  /** Milliseconds that a call which does not wait for other clients may take, connecting included. */
  readonly callTimeout: number;
  readonly reconnect: boolean;
  /** True if errors of calls name the call site, even if the call is not awaited. */
  readonly callSites: boolean;
  /** Set if calls are parts of traces. */
  readonly tracer?: CallTracer | undefined;
  /** Set for a manager that this program started. */
  readonly explain?: Explain | undefined;
}

/** Events of the transport for the manager handle. */
export interface SessionEvents {
  /** The manager does not respond: its connection broke, or is open but silent. */
  disconnected(reason: ManagerError): void;
  /** The manager responds again: in the same session after a silence or a cut, in a new one after a loss. */
  resumed(): void;
  /** The session was lost, with all its holds. */
  expired(reason: ManagerError): void;
}

const BACKOFF_MS = { first: 20, most: 1000 };

/**
 * Carries calls over a session, which survives broken connections for its lease. Opens a new session with the first call after a loss. The holds of the lost session are lost
 * with it, and their handles are notified.
 */
export class SessionTransport implements Transport {
  readonly address: string;
  readonly #targets: Address[];
  /** Private, because they contain the credentials: logging or serialising the transport must not reveal it. */
  readonly #options: SessionOptions;
  readonly #sites: CallSites;
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  /** The connection that is being opened. */
  #opening: Connection | undefined;
  #sessions = 0;
  #sessionId = '';
  readonly #holds = new Map<number, (reason: Error) => void>();
  #warned: (warning: Warning) => void = () => {};
  #referred: (names: readonly string[]) => void = () => {};
  #closed: ClosedError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    addresses: readonly string[],
    options: SessionOptions,
    readonly events: SessionEvents,
  ) {
    this.#targets = addresses.map(parseAddress);
    this.#options = options;
    this.#sites = new CallSites(options.callSites);
    this.address = formatAddress(this.#targets[0]!);
  }

  isAt(address: string): boolean {
    return address === '' || address === this.address || this.#targets.some((target) => formatAddress(target) === address);
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  get connectionId(): string | undefined {
    return this.#connection?.connectionId;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** True while a session is being opened, or resumed, or its manager does not respond. */
  get reconnecting(): boolean {
    return this.#connecting !== undefined || this.#connection?.silent === true;
  }

  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(copyOf(this.#closed));
    const { tracer } = this.#options;
    // Calls in the background, such as watches, last as long as they are of use.
    if (tracer !== undefined && options?.traceContext === undefined && options?.background !== true)
      return tracer.traced(method, request, this.address, (traceContext) => this.call(method, request, read, { ...options, traceContext }));
    const site = this.#sites.note();
    if (this.#connection) return this.#connection.call(method, request, read, options, site);
    return this.#callWhenConnected(method, request, read, options, site);
  }

  /** Makes a call once a session is open. The call waits for the session no longer than its own limits allow. */
  async #callWhenConnected<I, O, R>(
    method: Method<I, O>,
    request: I,
    read: (response: O) => R,
    options: CallOptions | undefined,
    site: Site | undefined,
  ): Promise<R> {
    const begin = performance.now();
    const timeout = timeoutOf(method, request);
    const late = (): ManagerError =>
      at(site, timedOut(method, `no session with the manager within ${duration(timeout!)}`, { address: this.address }));
    const limits = { timeout: timeout === 0 ? undefined : timeout, signal: options?.signal };
    const connection = await withinLimits(this.#connected(site), limits, late);
    const spentMs = performance.now() - begin;
    if (!timeout) return connection.call(method, request, read, options, site, spentMs);
    const left = { ...request, timeoutMs: Math.max(1, Math.ceil(timeout - spentMs)) };
    return connection.call(method, left, read, options, site);
  }

  /** Opens a session for a call, if there is none. Callers that wait for the same session each get a copy of the error. */
  async #connected(site: Site | undefined): Promise<Connection> {
    try {
      return await this.connect();
    } catch (error) {
      if (!(error instanceof ManagerError)) throw error;
      throw at(site, copyOf(error));
    }
  }

  /** Opens a session if there is none. Callers continue in the order in which they called. */
  connect(): Promise<Connection> {
    if (this.#connection) return Promise.resolve(this.#connection);
    this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #open(): Promise<Connection> {
    const first = this.#sessions === 0;
    const deadline = performance.now() + this.#options.callTimeout;
    for (let pause = BACKOFF_MS.first, turn = 0; ; pause = Math.min(pause * 2, BACKOFF_MS.most), turn++) {
      try {
        return await this.#attempt(this.#targets[turn % this.#targets.length]!, deadline - performance.now());
      } catch (error) {
        // A first connection fails immediately if no manager is there; after a loss, it is retried.
        const patient = turn + 1 < this.#targets.length || (!first && this.#options.reconnect);
        if (this.#closed) throw this.#closed;
        if (!(error instanceof ManagerUnavailableError) || !patient || performance.now() + pause > deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #attempt(target: Address, timeoutMs: number): Promise<Connection> {
    const formatted = formatAddress(target);
    const connection: Connection = new Connection(target, this.#options, {
      lost: (token) => this.#lost(token, new ClosedError('the lease ended')),
      warned: (warning) => this.#warned(warning),
      referred: (names) => this.#referred(names),
      silent: (reason) => this.events.disconnected(reason),
      heard: () => this.events.resumed(),
      ended: (reason) => this.#ended(connection, reason),
    });
    this.#opening = connection;
    try {
      await connection.open(Math.max(timeoutMs, 1));
    } catch (error) {
      throw this.#notConnected(error, formatted);
    } finally {
      this.#opening = undefined;
    }
    if (this.#closed) {
      await connection.close(this.#closed);
      throw this.#closed;
    }
    this.#connection = connection;
    this.#sessionId = connection.sessionId;
    if (this.#sessions++ > 0) this.events.resumed();
    return connection;
  }

  /** Adds the address and the remedy to an error of connecting. */
  #notConnected(error: unknown, address: string): unknown {
    const { credentials, explain } = this.#options;
    // The error of a certificate has both.
    if (error instanceof UnauthenticatedError && error.address === undefined) {
      const why = credentials.token === undefined ? 'requires a token, and none was given' : 'refused the token that it was given';
      const remedy = 'pass { token } to Manager.connect, or set COMMONHOLD_TOKEN or COMMONHOLD_TOKEN_FILE';
      return new UnauthenticatedError(`the manager at ${address} ${why}: ${remedy}`, { address });
    }
    if (!(error instanceof ManagerUnavailableError)) return error;
    const remedy = explain === undefined ? '; is one running (commonhold serve)?' : '';
    return new ManagerUnavailableError(`no manager at ${address}: ${error.message}${remedy}`, { cause: error.cause, address });
  }

  #ended(connection: Connection, reason: ManagerError): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    for (const token of [...this.#holds.keys()]) this.#lost(token, reason);
    if (this.#closed) return;
    if (!connection.silent) this.events.disconnected(reason);
    this.events.expired(reason);
  }

  onLost(token: number, told: (reason: Error) => void): () => void {
    this.#holds.set(token, told);
    if (this.#holds.size === 1) this.#connection?.guard(true);
    return () => this.#unhold(token);
  }

  checkLease(): void {
    this.#connection?.checkLease();
  }

  #unhold(token: number): void {
    if (this.#holds.delete(token) && this.#holds.size === 0) this.#connection?.guard(false);
  }

  onReferences(told: (names: readonly string[]) => void): void {
    this.#referred = told;
  }

  onWarning(told: (warning: Warning) => void): void {
    this.#warned = told;
  }

  #lost(token: number, reason: Error): void {
    const told = this.#holds.get(token);
    this.#unhold(token);
    told?.(reason);
  }

  close(): Promise<void> {
    this.#closed ??= new ClosedError('this manager was closed by its program');
    this.#opening?.destroy(this.#closed);
    this.#closing ??= this.#connection?.close(this.#closed) ?? Promise.resolve();
    return this.#closing;
  }
}

/** Gives an error the stack of its call site, if it was captured. */
function at(site: Site | undefined, error: ManagerError): ManagerError {
  return site === undefined ? (passedOn(error) as ManagerError) : placed(error, site);
}
