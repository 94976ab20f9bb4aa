import { inspect } from 'node:util';
import type { SharedEngine } from '../../engine/shared/index.js';
import { KIND_NUMBERS } from '../../engine/shared/objects/kind-numbers.js';
import { unoffered } from '../../engine/shared/objects/unoffered.js';
import { freezeDeep } from '../../proto/codec/freeze.js';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { REFERENCE, type Reference } from '../../proto/codec/reference.js';
import {
  ClosedError,
  InvalidArgumentError,
  KindMismatchError,
  NotFoundError,
  SchemaError,
  UnimplementedError,
} from '../../proto/errors.js';
import type { Fence } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { isAnonymous } from '../../proto/name.js';
import type { Codec, Method } from '../../proto/wire/codec.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { quoted } from '../../proto/given.js';
import type { Frozen } from './frozen.js';
import { ttlMs, type ObjectOptions, type ValuesOptions } from './object-options.js';
import type { Outcome } from '../outcome.js';
import { Held } from '../locking/held.js';
import type { Owners } from '../locking/owner.js';
import { Checker } from './schema.js';
import { passedOn } from '../call-site.js';
import { shown } from '../shown.js';
import { assertTogether } from './arguments.js';
import type { CallOptions, Transport } from '../connect/transport/transport.js';
import type { ProxyRef, ProxyRefs } from './anonymous.js';

/** The kinds whose values a schema can check. */
const SCHEMATIC: ReadonlySet<Kind> = new Set<Kind>(['dict', 'list', 'set', 'queue', 'value', 'pipe']);

/** The parts of a client that its proxies use. */
export interface ProxyContext {
  readonly transport: Transport;
  /** True if reads return frozen copies. */
  readonly freeze: boolean;
  /** Determines the owners of acquisitions. */
  readonly owners: Owners;
  /** The shared memory of its objects, if they are in one. */
  readonly shared?: SharedEngine | undefined;
  /** The anonymous objects that this client has proxies of. */
  readonly proxyRefs: ProxyRefs;
  /** Returns a number for a watch that is unique within this client. */
  nextWatch(): number;
  /** Returns the proxy that a reference stands for. */
  open(reference: Reference): unknown;
  /** If true, `Open` also announces the object to other processes, so it must be sent before any other call. */
  readonly announced?: boolean;
  /** Sets the interval, in milliseconds, at which the manager gets a copy of an object whose home is this process. */
  backUp?(name: string, ms: number | undefined): void;
  /**
   * Returns a promise that a call must wait for, so that other processes find the objects of this process that it refers to; usually
   * undefined.
   */
  preceding?(): Promise<void> | undefined;
  /** Registers a call that must succeed before other processes can use a reference. */
  preparing(call: Promise<unknown>): void;
}

/** Fields of every kind's `Open` request, beside the options of the kind. */
export interface OpenRequest {
  name: string;
  exclusive: boolean;
  ttlMs?: number | undefined;
}

/** The call that opens objects of a kind. */
export interface OpenCall<R extends OpenRequest> {
  readonly method: Method<R, { created: boolean }>;
  readonly request: R;
}

/** An object in shared memory, as its `sync` accesses it. */
interface LocalView {
  readonly shared: SharedEngine;
  readonly opener: OpenCall<OpenRequest>;
  /** True if the object must be opened with its options first. */
  readonly unopened: boolean;
  /** Called after it was opened; `created` is true if that created the object. */
  readonly made: (created: boolean) => void;
  /** Throws ClosedError if the proxy was disposed. */
  readonly assertUsable: () => void;
}

/**
 * Base of all proxies. A proxy is cheap: it consists of a name, and creating it needs no round trip. The object is created with the first
 * operation.
 */
export abstract class ObjectProxy<R extends OpenRequest = OpenRequest> implements AsyncDisposable {
  /** Session in which the object was last opened with its options. */
  #openedIn: string | undefined;
  /** The claim of this proxy on its anonymous object. */
  readonly #proxyRef: ProxyRef | undefined;
  /** Session in which the object was claimed because a reference was given away. */
  #claimedIn: string | undefined;
  /** Checks values on writes and on reads. */
  #checker: Checker | undefined;
  /** True if `sync` created the object and no call has announced it to other processes yet. */
  #unpublished = false;
  /** The fence of its writes. */
  #fence: Fence | undefined;
  /** Makes `sync` look for the object again. */
  #forgetLocal: () => void = () => {};

  /** @internal */
  constructor(
    protected readonly context: ProxyContext,
    readonly kind: Kind,
    /** Name of the object; anonymous objects have a generated one. */
    readonly name: string,
    private opener: OpenCall<R>,
    /** True if the name alone does not determine the object, so that calls must carry its options. */
    private optional: boolean,
  ) {
    if (context.shared !== undefined && !(kind in KIND_NUMBERS)) {
      throw new UnimplementedError(`a ${kind} cannot be in shared memory: create it in a manager, without { home: 'process' }`, {
        object: name,
      });
    }
    if (typeof name !== 'string') throw new InvalidArgumentError(`the name of the ${kind} is ${quoted(name)}: give a text`);
    if (isAnonymous(name)) this.#proxyRef = context.proxyRefs.hold(this, name);
    if (context.announced === true || this.#proxyRef !== undefined) this.optional = true;
  }

  /** @internal Marks a proxy that was received as a reference: its calls do not create an anonymous object again after its end. */
  received(): void {
    if (this.#proxyRef !== undefined) this.optional = false;
  }

  /** True if calls must carry the options. An anonymous object is created only once: after its end, no call creates it again. */
  get #unopened(): boolean {
    if (!this.optional) return false;
    return this.#openedIn === undefined || (this.#proxyRef === undefined && this.#openedIn !== this.context.transport.sessionId);
  }

  /** @internal Sets the options common to many kinds, before the first use. */
  configure({ ttl, schema, backup }: ObjectOptions & Pick<ValuesOptions, 'schema'>): this {
    if (backup !== undefined) this.context.backUp?.(this.name, backup);
    if (schema !== undefined) this.adopt(schema);
    if (ttl === undefined) return this;
    this.opener.request.ttlMs = ttlMs(ttl);
    this.optional = true;
    this.#openedIn = undefined;
    return this;
  }

  /**
   * Returns true if the object exists. One round trip.
   * @throws KindMismatchError if the name belongs to another kind
   */
  async exists(): Promise<boolean> {
    try {
      const { object } = await this.context.transport.call(ManagerService.methods.describe, { name: this.name }, asItIs);
      if (object.kind === this.kind) return true;
      throw new KindMismatchError(`"${this.name}" is a ${object.kind}, not a ${this.kind}`, { object: this.name });
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /**
   * Creates the object, which must not exist yet. One round trip.
   * @throws AlreadyExistsError if it exists; KindMismatchError if the name belongs to another kind
   */
  async create(): Promise<this> {
    const { method, request } = this.opener;
    // An object that `sync` created exists already; the call announces it to other processes.
    await this.context.transport.call(method, { ...request, exclusive: !this.#unpublished }, () => this.#opened());
    this.#unpublished = false;
    return this;
  }

  /**
   * Destroys the object; calls that wait on it fail with NotFoundError. Returns true if it existed. One round trip.
   * @throws KindMismatchError if the name belongs to another kind
   */
  async destroy(): Promise<boolean> {
    const { destroyed } = await this.context.transport.call(ManagerService.methods.destroy, { name: this.name, kind: this.kind }, asItIs);
    this.#openedIn = undefined;
    return destroyed;
  }

  /**
   * Sets the time to live of the object, which uses of the object do not extend; when it ends, calls that wait on the object fail with
   * NotFoundError. One round trip.
   * @param ttl milliseconds from now, or null or `Infinity` for no limit
   * @throws InvalidArgumentError for 0, a negative time or NaN; OutOfRangeError beyond 2^53
   */
  async expire(ttl: number | null): Promise<void> {
    const ms = ttlMs(ttl ?? undefined);
    const { method, request } = this.opener;
    // Both calls are sent together: the first operation creates the object, and this may be the first.
    const made = this.#proxyRef === undefined || this.#unopened;
    const opened = made ? this.context.transport.call(method, request, () => this.#opened()) : undefined;
    const set = this.context.transport.call(ManagerService.methods.expire, { name: this.name, kind: this.kind, ttlMs: ms }, nothing);
    await Promise.all([opened, set]);
  }

  /** Returns a reference to the object as data: it can be stored, sent and logged, and contains no secret. */
  toJSON(): Reference {
    if (this.#proxyRef) this.#proxyRef.referencedAt = performance.now();
    return { kind: this.kind, name: this.name, address: this.context.transport.address };
  }

  /** Returns the kind, the name and the manager, for display: `dict 'scores' at unix:/run/user/1000/commonhold.sock`. */
  toString(): string {
    return `${this.kind} ${this.#described()}`;
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, this.#described());
  }

  #described(): string {
    const { address, closed } = this.context.transport;
    const state = this.#proxyRef?.over === true ? ', disposed' : closed ? ', closed' : '';
    return `${quoted(this.name)} at ${address}${state}`;
  }

  /** @internal Returns the reference for a payload, and prepares the object so that other processes find it. */
  [REFERENCE](): Reference {
    const { transport } = this.context;
    // A disposed proxy, for instance as an expected value, does not use the object.
    if (this.#proxyRef?.over === true) return this.toJSON();
    if (this.#unopened) {
      const { method, request } = this.opener;
      this.context.preparing(transport.call(method, request, () => this.#opened()));
    } else if (this.#proxyRef && this.#claimedIn !== transport.sessionId) {
      const claimed = (): void => void (this.#claimedIn = transport.sessionId);
      this.context.preparing(transport.call(ManagerService.methods.claim, { name: this.name }, claimed));
    }
    return this.toJSON();
  }

  /**
   * Disposes the proxy. A named object is not affected; an anonymous one continues to exist while another session or another proxy refers to
   * it, an object contains a reference to it, or it is held or waited for. Otherwise it has ended when the promise resolves, unless its home
   * is this process: then it ends soon afterwards. Later calls of a proxy without a name throw ClosedError. One round trip for an anonymous
   * object, none for a named one.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#proxyRef === undefined) return;
    this.#forgetLocal();
    await this.context.proxyRefs.letGo(this.#proxyRef);
  }

  /** Makes a call, which carries the object's options until a call has succeeded in this session. */
  protected call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const { transport } = this.context;
    if (this.#proxyRef?.over) return Promise.reject(this.#disposed());
    if (this.#fence !== undefined && method.fenced) request = { fence: this.#fence, ...request };
    const before = this.context.preceding?.();
    if (before !== undefined) return before.then(() => this.call(method, request, read, options));
    if (!this.#unopened) return transport.call(method, request, read, options);
    const { method: open, request: wanted } = this.opener;
    const opening = { codec: open.input as Codec<unknown>, request: wanted };
    const readFirst = (response: O): R => {
      this.#opened();
      return read(response);
    };
    return transport.call(method, request, readFirst, { ...options, opening });
  }

  /** Makes a call for a hold, which works even after this proxy was disposed. */
  protected async callForHold<I>(method: Method<I, object>, request: I): Promise<void> {
    await this.context.transport.call(method, request, nothing);
    // The call claimed the anonymous object again, so release it again.
    if (this.#proxyRef?.over) await this.context.proxyRefs.release(this.name);
  }

  #assertUsable(): void {
    if (this.#proxyRef?.over) throw this.#disposed();
  }

  #disposed(): ClosedError {
    return new ClosedError(`this proxy of "${this.name}" was disposed`, { object: this.name });
  }

  /** Makes a call of a watch. A watch that resumes from a revision must not create the object. */
  protected watching<I extends { from?: number | undefined }, O, R>(
    method: Method<I, O>,
    request: I,
    read: (response: O) => R,
    options?: CallOptions,
  ): Promise<R> {
    if (request.from === undefined) return this.call(method, request, read, options);
    return this.context.transport.call(method, request, read, options);
  }

  /**
   * Returns another proxy of this object as one for writes under a fence, with the options of this one.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  protected fenced<P extends ObjectProxy<R>>(held: Held, proxy: P): P {
    if (this.context.shared !== undefined) throw unoffered('fences', this.name);
    proxy.#fence = Held.fenceOf(held, this.context.transport);
    proxy.#checker = this.#checker;
    proxy.#openedIn = this.#openedIn;
    proxy.opener = this.opener;
    proxy.optional = this.optional;
    return proxy;
  }

  /** @internal The fence of its writes. */
  get fence(): Fence | undefined {
    return this.#fence;
  }

  /**
   * @internal Returns the name by which a call on another object, of `user`, refers to this one.
   * @throws InvalidArgumentError if they belong to different managers, where the name may be another object's
   */
  nameFor(user: ProxyContext): string {
    assertTogether(this.name, this.context.transport, user.transport);
    return this.name;
  }

  /** @internal The request that must create the object before a call on several objects uses it; undefined if none is needed. */
  get pendingOpen(): OpenRequest | undefined {
    return this.#unopened ? this.opener.request : undefined;
  }

  /** @internal Records that a call on several objects has opened the object. */
  wasOpened(): void {
    this.#opened();
  }

  #opened(): void {
    this.#openedIn = this.context.transport.sessionId;
  }

  /** Sets the schema that checks all values from now on. */
  protected adopt(schema: unknown): void {
    if (!SCHEMATIC.has(this.kind)) {
      throw new InvalidArgumentError(`a ${this.kind} takes no schema: it holds no values of the user`, {
        object: this.name,
      });
    }
    this.#checker = new Checker(schema, this.kind, this.name);
  }

  /**
   * @internal Returns the shared memory of the object, and the call that creates it, for synchronous access.
   * @param forget called when the proxy is disposed: the object must be looked for again
   */
  local(forget?: () => void): LocalView {
    const { shared, announced } = this.context;
    if (forget !== undefined) this.#forgetLocal = forget;
    const made = (created: boolean): void => {
      if (announced !== true) this.#opened();
      else if (created) this.#unpublished = true;
    };
    const assertUsable = (): void => this.#assertUsable();
    if (shared !== undefined) return { shared, opener: this.opener, unopened: this.#unopened, made, assertUsable };
    throw new InvalidArgumentError(
      `"${this.name}" is held by a manager: sync is for objects in shared memory, such as in an Arena or with { home: 'process' }`,
      { object: this.name },
    );
  }

  /** @internal True if a schema checks its values. */
  get checked(): boolean {
    return this.#checker !== undefined;
  }

  /** @internal Encodes a user's value, after the schema's conversion if there is a schema. @throws SchemaError */
  encode(value: unknown): Payload {
    return encodePayload(this.#checker === undefined ? value : this.#checker.store(value));
  }

  /**
   * @internal Decodes a user's value, and checks it with the schema.
   * @param key key of the value, for the error, if the response has several values
   */
  decode(payload: Payload, key?: Key): unknown {
    if (this.#checker === undefined) return this.decodePlain(payload);
    // Frozen only afterwards, because some validators fill in defaults in place.
    const { context } = this;
    const value = this.#checker.load(decodePayload(payload, { open: (reference) => context.open(reference) }), key);
    if (context.freeze) freezeDeep(value);
    return value;
  }

  /** @internal Decodes values of one response. If the schema refuses one, all values are in the error's `value`, so that none is lost. */
  decodeAll<V>(payloads: readonly Payload[]): V[] {
    try {
      return payloads.map((payload, index) => this.decode(payload, this.#checker && index) as V);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      const { message, object, issues, cause, key, mayHaveExecuted } = error;
      const value = payloads.map((payload) => this.decodePlain(payload));
      throw new SchemaError(message, { object, issues, cause, key, mayHaveExecuted, value });
    }
  }

  /** Decodes without throwing: returns the value or the error, for items the user already holds. */
  protected outcome<V>(payload: Payload): Outcome<V> {
    try {
      return { value: this.decode(payload) as V };
    } catch (failure) {
      return { failure };
    }
  }

  /** Returns a value as a read would return it: a schema may convert it. */
  protected normal<V>(value: V | Frozen<V>): Frozen<V> {
    return (this.#checker === undefined ? value : this.decode(this.encode(value))) as Frozen<V>;
  }

  /** Encodes a value without the schema, such as a number to add. */
  protected encodePlain(value: unknown): Payload {
    return encodePayload(value);
  }

  /** Decodes a value without the schema. */
  protected decodePlain(payload: Payload): unknown {
    return decodePayload(payload, this.context);
  }
}

/** Calls a function that makes a call; an error that it throws becomes the rejection, with the stack of the method that calls this. */
export function attempt<R>(make: () => Promise<R>): Promise<R> {
  try {
    return make();
  } catch (error) {
    return Promise.reject(passedOn(error, attempt));
  }
}

/** Ignores a response. */
export function nothing(): void {}

/** Returns a response unchanged. Safe only for responses without payloads, which stay valid. */
export function asItIs<O>(response: O): O {
  return response;
}
