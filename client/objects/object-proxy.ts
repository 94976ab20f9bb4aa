import { inspect } from 'node:util';
import type { SharedEngine } from '../../engine/shared/index.js';
import { KIND_NUMBERS } from '../../engine/shared/objects/kind-numbers.js';
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
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { isAnonymous } from '../../proto/name.js';
import type { Codec, Method } from '../../proto/wire/codec.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';
import { ttlMs, type ObjectOptions, type ValuesOptions } from './object-options.js';
import type { Outcome } from '../outcome.js';
import type { Owners } from '../locking/owner.js';
import { Checker } from './schema.js';
import { quoted, shown } from '../shown.js';
import { assertTogether } from './arguments.js';
import type { CallOptions, Transport } from '../connect/transport/transport.js';
import type { ProxyRef, ProxyRefs } from './anonymous.js';

/** The kinds whose values a schema can check. */
const SCHEMATIC: ReadonlySet<Kind> = new Set<Kind>(['dict', 'list', 'set', 'queue', 'value', 'pipe']);

/** What proxies need of their manager. */
export interface ProxyContext {
  readonly transport: Transport;
  /** Reads give frozen copies. */
  readonly freeze: boolean;
  /** Who acquires. */
  readonly owners: Owners;
  /** The shared memory in which its objects are, where they are in one. */
  readonly shared?: SharedEngine | undefined;
  /** The anonymous objects that this client has proxies of. */
  readonly proxyRefs: ProxyRefs;
  /** A number for a watch, which no other one of this client has. */
  nextWatch(): number;
  /** The proxy a reference stands for. */
  open(reference: Reference): unknown;
  /** Whether others are told of an object here by the call that makes it, so that it has to come before any other. */
  readonly announced?: boolean;
  /** Has the manager get a copy of an object at home in this process, where it is, so often, in milliseconds. */
  backUp?(name: string, ms: number | undefined): void;
  /** What must be done before others can use the references of a call to objects at home here; mostly there is nothing. */
  preceding?(): Promise<void> | undefined;
  /** Remembers a call that must have succeeded before a reference is of use to others. */
  preparing(call: Promise<unknown>): void;
}

/** The request that makes an object: every kind's `Open` has these fields, and its options beside them. */
export interface OpenRequest {
  name: string;
  exclusive: boolean;
  ttlMs?: number | undefined;
}

/** How a kind is opened. */
export interface OpenCall<R extends OpenRequest> {
  readonly method: Method<R, { created: boolean }>;
  readonly request: R;
}

/** An object in shared memory, as its `sync` gets to it. */
interface LocalView {
  readonly shared: SharedEngine;
  readonly opener: OpenCall<OpenRequest>;
  /** Whether the object has to be opened with its options first. */
  readonly unopened: boolean;
  /** Is told when it was, and whether that made it. */
  readonly made: (created: boolean) => void;
}

/**
 * What all proxies have in common. A proxy is cheap: it is a name, and making one is no round trip.
 * The object appears with the first operation.
 */
export abstract class ObjectProxy<R extends OpenRequest = OpenRequest> implements AsyncDisposable {
  /** Session in which the object was last opened with its options. */
  #openedIn: string | undefined;
  /** Of an anonymous object: what this proxy keeps of it. */
  readonly #proxyRef: ProxyRef | undefined;
  /** Session in which a reference was given away, which claims the object also without a use. */
  #claimedIn: string | undefined;
  /** What checks its values, in and out. */
  #checker: Checker | undefined;
  /** `sync` made the object, of which nobody else was told by a call. */
  #unpublished = false;

  /** @internal */
  constructor(
    protected readonly context: ProxyContext,
    readonly kind: Kind,
    /** Name of the object; anonymous ones have a generated one. */
    readonly name: string,
    private readonly opener: OpenCall<R>,
    /** Whether a name alone does not tell what the object is, so that calls must carry its options. */
    private optional: boolean,
  ) {
    if (context.shared !== undefined && !(kind in KIND_NUMBERS)) {
      throw new UnimplementedError(`a ${kind} cannot be in shared memory: make it with a manager, without { home: 'process' }`, {
        object: name,
      });
    }
    if (isAnonymous(name)) this.#proxyRef = context.proxyRefs.hold(this, name);
    if (context.announced === true || this.#proxyRef !== undefined) this.optional = true;
  }

  /** @internal It is a proxy of an object without a name that someone else made: its calls make none where that has ended. */
  received(): void {
    if (this.#proxyRef !== undefined) this.optional = false;
  }

  /** Whether calls have to carry the options. One without a name is made once: when it has ended, nothing makes it anew in silence. */
  get #unopened(): boolean {
    if (!this.optional) return false;
    return this.#openedIn === undefined || (this.#proxyRef === undefined && this.#openedIn !== this.context.transport.sessionId);
  }

  /** @internal Gives it the options that many kinds have, before its first use. */
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
   * Whether the object exists. One round trip.
   * @throws KindMismatchError where the name belongs to another kind
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
   * Makes the object, which must not exist yet. One round trip.
   * @throws AlreadyExistsError where it does; KindMismatchError where the name belongs to another kind
   */
  async create(): Promise<this> {
    const { method, request } = this.opener;
    // What `sync` made is created for others by telling them of it.
    await this.context.transport.call(method, { ...request, exclusive: !this.#unpublished }, () => this.#opened());
    this.#unpublished = false;
    return this;
  }

  /**
   * Ends the object; whoever waits on it fails with NotFoundError. Answers whether there was one.
   * One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  async destroy(): Promise<boolean> {
    const { destroyed } = await this.context.transport.call(ManagerService.methods.destroy, { name: this.name, kind: this.kind }, asItIs);
    this.#openedIn = undefined;
    return destroyed;
  }

  /**
   * Makes the object end by itself after a time, whether it is used meanwhile or not; whoever waits on it
   * then fails with NotFoundError. One round trip.
   * @param ttl milliseconds from now, or null or `Infinity` for never
   * @throws InvalidArgumentError for 0, a negative time or NaN; OutOfRangeError beyond 2^53
   */
  async expire(ttl: number | null): Promise<void> {
    const ms = ttlMs(ttl ?? undefined);
    const { method, request } = this.opener;
    // Both travel together: the object appears with its first operation, which may be this one.
    const made = this.#proxyRef === undefined || this.#unopened;
    const opened = made ? this.context.transport.call(method, request, () => this.#opened()) : undefined;
    const set = this.context.transport.call(ManagerService.methods.expire, { name: this.name, kind: this.kind, ttlMs: ms }, nothing);
    await Promise.all([opened, set]);
  }

  /** The object as data: it can be stored, sent and logged, and carries no secret. */
  toJSON(): Reference {
    if (this.#proxyRef) this.#proxyRef.referencedAt = performance.now();
    return { kind: this.kind, name: this.name, address: this.context.transport.address };
  }

  /** The kind, the name and the manager, for people: `dict 'scores' at unix:/run/user/1000/commonhold.sock`. */
  toString(): string {
    return `${this.kind} ${this.#described()}`;
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, this.#described());
  }

  #described(): string {
    return `${quoted(this.name)} at ${this.context.transport.address}${this.#proxyRef?.over ? ', disposed' : ''}`;
  }

  /** @internal How a payload carries this proxy. Others must find what it stands for. */
  [REFERENCE](): Reference {
    const { transport } = this.context;
    // Who let go of it, and compares with it, makes no use of the object.
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
   * Lets go of the proxy. An object with a name stays; one without stays while another session refers to
   * it, or another object contains it. A later call of this proxy is a ClosedError then. One round trip
   * without a name, none with one.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#proxyRef) await this.context.proxyRefs.letGo(this.#proxyRef);
  }

  /** Makes a call, which carries the object's options until one succeeded in this session. */
  protected call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const { transport } = this.context;
    if (this.#proxyRef?.over) return Promise.reject(this.#disposed());
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

  /** Makes a call about something that is held, which its handle can do also when this proxy was disposed. */
  protected async settle<I>(method: Method<I, object>, request: I): Promise<void> {
    await this.context.transport.call(method, request, nothing);
    // The call was a use, which nobody answers for any more.
    if (this.#proxyRef?.over) await this.context.proxyRefs.release(this.name);
  }

  #disposed(): ClosedError {
    return new ClosedError(`this proxy of "${this.name}" was disposed`, { object: this.name });
  }

  /** Makes a call of a watch. One that goes on from a revision makes no object of one that is gone. */
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
   * @internal The object as a call on another one, of `user`, refers to it: by its name.
   * @throws InvalidArgumentError where they are of different managers, in which the name may be another object's
   */
  nameFor(user: ProxyContext): string {
    assertTogether(this.name, this.context.transport, user.transport);
    return this.name;
  }

  /** @internal The request that has to make the object before a call on several objects uses it; undefined where none has to. */
  get pendingOpen(): OpenRequest | undefined {
    return this.#unopened ? this.opener.request : undefined;
  }

  /** @internal The object was opened by a call on several objects. */
  wasOpened(): void {
    this.#opened();
  }

  #opened(): void {
    this.#openedIn = this.context.transport.sessionId;
  }

  /** Has a schema check all values from now on. */
  protected adopt(schema: unknown): void {
    if (!SCHEMATIC.has(this.kind)) {
      throw new InvalidArgumentError(`a ${this.kind} takes no schema: it holds no values of yours that one could check`, {
        object: this.name,
      });
    }
    this.#checker = new Checker(schema, this.kind, this.name);
  }

  /** @internal The shared memory that the object is in, and the call that makes the object, for what works on it at once. */
  local(): LocalView {
    const { shared, announced } = this.context;
    const made = (created: boolean): void => {
      if (announced !== true) this.#opened();
      else if (created) this.#unpublished = true;
    };
    if (shared !== undefined) return { shared, opener: this.opener, unopened: this.#unopened, made };
    throw new InvalidArgumentError(
      `"${this.name}" is at home in a manager: sync is for objects in shared memory, as those of an Arena or with { home: 'process' }`,
      { object: this.name },
    );
  }

  /** @internal Whether a schema has a say in its values. */
  get checked(): boolean {
    return this.#checker !== undefined;
  }

  /** @internal A user's value as it travels: what the schema makes of it, where there is one. Throws SchemaError. */
  encode(value: unknown): Payload {
    return encodePayload(this.#checker === undefined ? value : this.#checker.store(value));
  }

  /**
   * @internal What travelled, as the user's value, checked by the schema.
   * @param key what it came under, for the error, where several values came
   */
  decode(payload: Payload, key?: Key): unknown {
    if (this.#checker === undefined) return this.decodePlain(payload);
    // Frozen only in the end: some validators fill in defaults where they find none.
    const { context } = this;
    const value = this.#checker.load(decodePayload(payload, { open: (reference) => context.open(reference) }), key);
    if (context.freeze) freezeDeep(value);
    return value;
  }

  /** Values that came together. Where the schema refuses one, all of them are the error's value: none is lost. */
  protected decodeAll<V>(payloads: readonly Payload[]): V[] {
    try {
      return payloads.map((payload, index) => this.decode(payload, this.#checker && index) as V);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      const { message, object, issues, cause, key, mayHaveExecuted } = error;
      const value = payloads.map((payload) => this.decodePlain(payload));
      throw new SchemaError(message, { object, issues, cause, key, mayHaveExecuted, value });
    }
  }

  /** What travelled, or why it is no value: for what is in the user's hands either way. */
  protected outcome<V>(payload: Payload): Outcome<V> {
    try {
      return { value: this.decode(payload) as V };
    } catch (failure) {
      return { failure };
    }
  }

  /** A value as it will be read after it was stored: a schema may make another of it. */
  protected normal<V>(value: V | Frozen<V>): Frozen<V> {
    return (this.#checker === undefined ? value : this.decode(this.encode(value))) as Frozen<V>;
  }

  /** A value on which the schema has no say, as it travels: what is added to a number. */
  protected encodePlain(value: unknown): Payload {
    return encodePayload(value);
  }

  /** What travelled, whatever the schema says. */
  protected decodePlain(payload: Payload): unknown {
    return decodePayload(payload, this.context);
  }
}

/** Runs what makes a call; what it throws is the call's failure. */
export function attempt<R>(make: () => Promise<R>): Promise<R> {
  try {
    return make();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Reads a response that says nothing. */
export function nothing(): void {}

/** Reads a response without payloads: it stays valid. */
export function asItIs<O>(response: O): O {
  return response;
}
