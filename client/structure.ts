import { decodePayload, encodePayload } from '../proto/codec/payload.js';
import { REFERENCE, type Reference } from '../proto/codec/reference.js';
import { KindMismatchError, NotFoundError } from '../proto/errors.js';
import { ManagerService } from '../proto/gen/commonhold/v1/manager_wire.js';
import type { Codec, Method } from '../proto/wire/codec.js';
import type { Payload } from '../proto/wire/values.js';
import type { Owners } from './owner.js';
import type { CallOptions, Transport } from './transport/transport.js';

/** Kind of a shared object. */
export type Kind =
  | 'dict'
  | 'list'
  | 'set'
  | 'array'
  | 'queue'
  | 'value'
  | 'lock'
  | 'semaphore'
  | 'event'
  | 'barrier'
  | 'namespace'
  | 'pipe'
  | 'rlock'
  | 'condition';

/** What proxies need of their manager. */
export interface Home {
  readonly transport: Transport;
  /** Reads give frozen copies. */
  readonly freeze: boolean;
  /** Who acquires. */
  readonly owners: Owners;
  /** The proxy a reference stands for. */
  open(reference: Reference): unknown;
  /** Remembers a call that must have succeeded before a reference is of use to others. */
  preparing(call: Promise<unknown>): void;
}

/** The request that makes an object: every kind's `Open` has these fields, and its options beside them. */
export interface OpenRequest {
  name: string;
  exclusive: boolean;
}

/** How a kind is opened. */
export interface Opener<R extends OpenRequest> {
  readonly method: Method<R, { created: boolean }>;
  readonly request: R;
}

/**
 * What all proxies have in common. A proxy is cheap: it is a name, and making one is no round trip.
 * The object appears with the first operation.
 */
export abstract class Structure<R extends OpenRequest = OpenRequest> implements AsyncDisposable {
  /** Session in which the options were last checked against the object. */
  #openedIn: string | undefined;

  /** @internal */
  constructor(
    protected readonly home: Home,
    readonly kind: Kind,
    /** Name of the object; unnamed ones have a generated one. */
    readonly name: string,
    private readonly opener: Opener<R>,
    /** Whether a name alone does not tell what the object is, so that calls must carry its options. */
    private readonly optional: boolean,
  ) {
    if (!optional) this.#openedIn = ANY_SESSION;
  }

  /**
   * Whether the object exists. One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  async exists(): Promise<boolean> {
    try {
      const { object } = await this.home.transport.call(ManagerService.methods.describe, { name: this.name }, asItIs);
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
    await this.home.transport.call(method, { ...request, exclusive: true }, () => this.#opened());
    return this;
  }

  /**
   * Ends the object; whoever waits on it fails with NotFoundError. Answers whether there was one.
   * One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  async destroy(): Promise<boolean> {
    const { destroyed } = await this.home.transport.call(ManagerService.methods.destroy, { name: this.name, kind: this.kind }, asItIs);
    if (this.optional) this.#openedIn = undefined;
    return destroyed;
  }

  /** The object as data: it can be stored, sent and logged, and carries no secret. */
  toJSON(): Reference {
    return { kind: this.kind, name: this.name, address: this.home.transport.address };
  }

  /** @internal How a payload carries this proxy. Others must find what it stands for. */
  [REFERENCE](): Reference {
    if (this.#openedIn !== ANY_SESSION && this.#openedIn !== this.home.transport.sessionId) {
      const { method, request } = this.opener;
      this.home.preparing(this.home.transport.call(method, request, nothing));
    }
    return this.toJSON();
  }

  /** Lets go of the proxy. The object stays. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Makes a call, which carries the object's options until one succeeded in this session. */
  protected call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const { transport } = this.home;
    const opened = this.#openedIn;
    if (opened === ANY_SESSION || (opened !== undefined && opened === transport.sessionId)) {
      return transport.call(method, request, read, options);
    }
    const { method: open, request: wanted } = this.opener;
    const opening = { codec: open.input as Codec<unknown>, request: wanted };
    const readFirst = (response: O): R => {
      this.#opened();
      return read(response);
    };
    return transport.call(method, request, readFirst, { ...options, opening });
  }

  /** Makes a call of a watch. One that goes on from a revision makes no object of one that is gone. */
  protected watching<I extends { from?: number | undefined }, O, R>(
    method: Method<I, O>,
    request: I,
    read: (response: O) => R,
    options?: CallOptions,
  ): Promise<R> {
    if (request.from === undefined) return this.call(method, request, read, options);
    return this.home.transport.call(method, request, read, options);
  }

  #opened(): void {
    if (this.#openedIn !== ANY_SESSION) this.#openedIn = this.home.transport.sessionId;
  }

  /** A user's value as it travels. */
  protected encode(value: unknown): Payload {
    return encodePayload(value);
  }

  /** What travelled, as the user's value. */
  protected decode(payload: Payload): unknown {
    return decodePayload(payload, this.home);
  }
}

/** Of objects that a name describes wholly: their calls never need to carry options. */
const ANY_SESSION = '*';

/** Runs what makes a call; what it throws is the call's failure. */
export function attempt<R>(make: () => Promise<R>): Promise<R> {
  try {
    return make();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A payload of a response, for use after its reading. */
export function kept(payload: Payload): Payload {
  return typeof payload === 'string' ? payload : Uint8Array.from(payload);
}

/** Reads a response that says nothing. */
export function nothing(): void {}

/** Reads a response without payloads: it stays valid. */
export function asItIs<O>(response: O): O {
  return response;
}
