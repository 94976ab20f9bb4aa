import { HomeAgent } from '../../client/shared/home/agent.js';
import { Manager } from '../../client/index.js';
import type { OpenRequest } from '../../client/objects/object-proxy.js';
import { SessionTransport } from '../../client/connect/transport/session.js';
import { DEFAULT_LEASE } from '../../client/connect/transport/lease-clock.js';
import type { CallOptions, Transport } from '../../client/connect/transport/transport.js';
import { createMemoryEngine } from '../../engine/memory/index.js';
import { TypeRegistry } from '../../engine/types.js';
import { AtomicService, type AtomicServiceCommitRequest } from '../../proto/gen/commonhold/v1/atomic_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { PipeService } from '../../proto/gen/commonhold/v1/pipe_wire.js';
import { isOpener, kindOf, methods, openerOf } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import * as registered from './types/registered.js';
import { ABSENT } from './support.js';
import type { Session } from './target.js';
import type { OpenTarget } from './targets.js';
import { hostWith } from '../support/host.js';

type Open = Method<OpenRequest, { created: boolean }>;

/** Fields of requests and of options of objects that refer to other objects. */
interface Referring {
  readonly name?: string;
  readonly otherName?: string;
  readonly lock?: string;
  readonly rlock?: string;
  readonly deadLetter?: { readonly queue: string };
  /** Set by a watch that continues. */
  readonly from?: number;
  /** Set by the end of an iteration. */
  readonly leave?: boolean;
}

interface Offer {
  readonly method: Open;
  readonly request: OpenRequest;
}

const OPENERS = new Map(methods.filter(isOpener).map((method) => [kindOf(method), method as Open]));
const MAX_BYTES = 64 * 1024 * 1024;

function transportTo(address: string, label: string): SessionTransport {
  const options = { credentials: {}, label, callTimeout: 10_000, reconnect: true, lease: DEFAULT_LEASE, callSites: false };
  return new SessionTransport([address], options, { disconnected() {}, resumed() {}, expired() {} });
}

/** The home of all objects: an engine in this process, apart from the daemon. */
class EveryHome {
  /** First offer of each object; later ones wait for it. */
  readonly #offers = new Map<string, Promise<void>>();
  readonly #here = new Set<string>();
  readonly #ends = new Map<string, () => void>();
  readonly #transport: SessionTransport;
  readonly agent: HomeAgent;

  constructor(address: string) {
    const types = new TypeRegistry();
    for (const [name, type] of Object.entries(registered)) types.register(name, type);
    const engine = createMemoryEngine(hostWith({ maxMessageBytes: MAX_BYTES }), types);
    this.#transport = transportTo(address, 'home');
    this.agent = new HomeAgent(this.#transport, engine, { destroyed: (name) => this.#forget(name) });
  }

  /** True if the object is at home here and no offer needs to be awaited. */
  has(name: string): boolean {
    return this.#here.has(name);
  }

  #forget(name: string): void {
    this.#offers.delete(name);
    this.#here.delete(name);
    this.#ends.get(name)?.();
    this.#ends.delete(name);
  }

  /** Resolves when an object that was destroyed has ended here. */
  ended(name: string): Promise<void> {
    if (!this.#here.has(name)) return Promise.resolve();
    return new Promise((resolve) => this.#ends.set(name, resolve));
  }

  /** Makes this the home of an object; resolves to false if it was offered before. */
  async offer(method: Open, request: OpenRequest): Promise<boolean> {
    const { name } = request;
    const under = this.#offers.get(name);
    if (under !== undefined) return under.then(() => false);
    const offer = this.agent.offer({ method, request });
    this.#offers.set(name, offer);
    try {
      await offer;
      this.#here.add(name);
      return true;
    } catch (error) {
      this.#offers.delete(name);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.agent.close();
    await this.#transport.close();
    this.agent.engine.close();
  }
}

/** A client's transport that offers each object to the daemon before its first use. */
class OfferingTransport implements Transport {
  #offering: Promise<void> = Promise.resolve();
  #underWay = 0;

  constructor(
    readonly to: SessionTransport,
    readonly home: EveryHome,
  ) {}

  get address(): string {
    return this.to.address;
  }

  isAt(address: string): boolean {
    return this.to.isAt(address);
  }

  get sessionId(): string {
    return this.to.sessionId;
  }

  get connected(): boolean {
    return this.to.connected;
  }

  get closed(): boolean {
    return this.to.closed;
  }

  get connectionId(): string | undefined {
    return this.connected ? this.sessionId : undefined;
  }

  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    // A call that waits for an offer sends the request as it was at the call.
    const kept = (): I => decodeMessage(method.input, encodeMessage(new Writer(), method.input, request));
    const forward = (sent = request): Promise<R> => this.to.call(method, sent, read, options);
    const { name = '' } = request as Referring;
    switch (method as Method) {
      case ManagerService.methods.stats:
        return this.#throughHome(forward);
      case ManagerService.methods.destroy:
        if (name === ABSENT) return this.#throughHome(forward);
        return this.#offering
          .then(() => forward())
          .then(async (answer) => {
            if ((answer as { destroyed?: boolean }).destroyed === true) await this.home.ended(name);
            return answer;
          });
      case ManagerService.methods.expire:
        return this.#offering.then(() => forward());
    }
    const offers = this.#offersOf(method as Method, request as Referring, options).filter((offer) => !this.home.has(offer.request.name));
    if (offers.length === 0 && this.#underWay === 0) return forward();
    // Keeps the order of calls: a call behind one that waits for an offer waits as well.
    const sent = kept();
    const all = this.#offering.then(() => Promise.all(offers.map((offer) => this.home.offer(offer.method, offer.request))));
    const exclusive = isOpener(method) && (request as OpenRequest).exclusive;
    const done = all.then(([made]) => (exclusive && made === true ? read({ created: true } as O) : forward(sent)));
    const over = (): void => {
      this.#underWay--;
    };
    this.#underWay++;
    this.#offering = all.then(over, over);
    return done;
  }

  /** Objects to offer before a call, its own first. */
  #offersOf(method: Method, request: Referring, options?: CallOptions): Offer[] {
    if (method === AtomicService.methods.commit) {
      const { operations } = request as unknown as AtomicServiceCommitRequest;
      return operations.flatMap(({ dictSet, dictDelete, dictAdd, dictAddMany, dictTouch, dictTtl, listPush, queuePut }) => [
        ...plain('dict', (dictSet ?? dictDelete ?? dictAdd ?? dictAddMany ?? dictTouch ?? dictTtl)?.name),
        ...plain('list', listPush?.name),
        ...plain('queue', queuePut?.name),
      ]);
    }
    const opener = openerOf(method) as Open | undefined;
    const { name, from, leave } = request;
    // Some calls do not make the object that they name.
    if (opener === undefined || name === undefined || from !== undefined || leave === true || method === PipeService.methods.close)
      return [];
    const open = isOpener(method) ? (request as OpenRequest) : (options?.opening?.request as OpenRequest | undefined);
    return [{ method: opener, request: open ?? plainOpen(opener, name) }, ...others(open ?? {}, request)];
  }

  /** Calls after the earlier calls of this client have reached the home. */
  async #throughHome<R>(call: () => Promise<R>): Promise<R> {
    await this.#offering;
    const { method, request } = PROBE;
    await this.home.offer(method, request);
    await this.to.call(method, request, () => undefined);
    return call();
  }

  onLost(token: number, told: (reason: Error) => void): () => void {
    return this.to.onLost(token, told);
  }

  checkLease(): void {
    this.to.checkLease();
  }

  onReferences(...told: Parameters<Transport['onReferences']>): void {
    this.to.onReferences(...told);
  }

  onWarning(...told: Parameters<Transport['onWarning']>): void {
    this.to.onWarning(...told);
  }

  async close(): Promise<void> {
    await this.#offering;
    await this.to.close();
  }
}

/** The objects that a call and its options refer to. */
function others(...sources: readonly Referring[]): Offer[] {
  return sources.flatMap(({ otherName, lock, rlock, deadLetter }) => [
    ...plain('set', otherName),
    ...plain('lock', lock),
    ...plain('rlock', rlock),
    ...plain('queue', deadLetter?.queue),
  ]);
}

function plain(kind: string, name: string | undefined): Offer[] {
  const method = OPENERS.get(kind)!;
  return name === undefined ? [] : [{ method, request: plainOpen(method, name) }];
}

/** The request that opens an object without options. */
function plainOpen(method: Open, name: string): OpenRequest {
  const bytes = encodeMessage(new Writer(), OPENERS.get('lock')!.input, { name, exclusive: false });
  return decodeMessage(method.input, bytes);
}

const PROBE = { method: OPENERS.get('event')!, request: { name: 'the probe', exclusive: false } };

/** Suites for features that objects at home elsewhere do not offer, or whose effects their cases cannot see there. */
const LACKS = new Set<string>([
  // The home itself refers to the objects that it offers, and so keeps them.
  'common: anonymous objects',
  // A value has to be offered with its initial value, which a batch does not carry.
  'atomic: batches',
  // The manager waits for an object that it makes itself. Objects at home in a program's memory have no watches.
  'dict: watch of a name',
  'list: watch of a name',
  'value: watch of a name',
  'event: watch of a name',
  'queue: watch of a name',
  // The queue of dead letters would have to be at home there before it is needed.
  'queue: dead letters',
  // The session that opens an end owns it: here the home, which offers the pipe.
  'pipe: owners',
  'pipe: close',
  'pipe: iteration',
  // They count the manager's calls, which include the calls of the home, and its watches, which exclude the ones at the home.
  'dict: near cache',
  'dict: loops of watches',
  'watch',
]);

/** The memory engine in this process, as the home of all objects of a daemon in another one. */
export async function memoryAtHome(): Promise<OpenTarget> {
  const daemon = await Manager.start();
  const home = new EveryHome(daemon.address);
  return {
    name: 'memory, at home in another process over gRPC',
    lacks: LACKS,
    async open(): Promise<Session> {
      const to = transportTo(daemon.address, 'client');
      await to.connect();
      const manager = new Manager(new OfferingTransport(to, home));
      return { manager, close: () => manager.close() };
    },
    async shutDown(): Promise<void> {
      await home.close();
      await daemon.close();
    },
  };
}
