import { HomeAgent } from '../../client/home/agent.js';
import { Manager } from '../../client/index.js';
import type { OpenRequest } from '../../client/structure.js';
import { SessionTransport } from '../../client/transport/session.js';
import type { CallOptions, Transport } from '../../client/transport/transport.js';
import { createMemoryEngine } from '../../engine/memory/index.js';
import { TypeRegistry } from '../../engine/types.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isOpener, kindOf, methods, openerOf } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import * as registered from './types/registered.js';
import type { Session } from './target.js';
import type { OpenTarget } from './targets.js';

type Open = Method<OpenRequest, { created: boolean }>;

/** What refers to other objects, in requests and in the options of an object. */
interface Referring {
  readonly name?: string;
  readonly otherName?: string;
  readonly lock?: string;
  readonly rlock?: string;
  readonly deadLetter?: { readonly queue: string };
  /** Of a watch that goes on: it makes nothing. */
  readonly from?: number;
}

const OPENERS = new Map(methods.filter(isOpener).map((method) => [kindOf(method), method as Open]));
const MAX_BYTES = 64 * 1024 * 1024;

function transportTo(address: string, label: string): SessionTransport {
  const options = { token: undefined, label, callTimeout: 10_000, reconnect: true };
  return new SessionTransport([address], options, { connected() {}, expired() {} });
}

/** The home of all objects: an engine in this process, which the daemon is not. */
class EveryHome {
  readonly #offers = new Map<string, Promise<void>>();
  readonly #transport: SessionTransport;
  readonly agent: HomeAgent;

  constructor(address: string) {
    const types = new TypeRegistry();
    for (const [name, type] of Object.entries(registered)) types.register(name, type);
    const traffic = () => ({ sessions: 0, callsInFlight: 0, callsTotal: 0 });
    const engine = createMemoryEngine({ version: 'home', protocol: 1, maxMessageBytes: MAX_BYTES, traffic }, types);
    this.#transport = transportTo(address, 'home');
    this.agent = new HomeAgent(this.#transport, engine, { destroyed: (name) => this.forget(name) });
  }

  has(name: string): boolean {
    return this.#offers.has(name);
  }

  forget(name: string): void {
    this.#offers.delete(name);
  }

  /** Makes this the home of an object, unless it is. */
  offer(method: Open, request: OpenRequest): Promise<void> {
    let offer = this.#offers.get(request.name);
    if (offer === undefined) {
      offer = this.agent.offer({ method, request });
      this.#offers.set(request.name, offer);
      offer.catch(() => this.forget(request.name));
    }
    return offer;
  }

  async close(): Promise<void> {
    await this.agent.close();
    await this.#transport.close();
    this.agent.engine.close();
  }
}

/** A client's transport that has each object offered before its first use. */
class OfferingTransport implements Transport {
  #offering: Promise<unknown> = Promise.resolve();

  constructor(
    readonly to: SessionTransport,
    readonly home: EveryHome,
  ) {}

  get address(): string {
    return this.to.address;
  }

  get sessionId(): string {
    return this.to.sessionId;
  }

  get connected(): boolean {
    return this.to.connected;
  }

  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const opener = openerOf(method as Method) as Open | undefined;
    const { name } = request as Referring;
    if ((method as Method) === ManagerService.methods.stats) return this.#throughHome(() => this.to.call(method, request, read, options));
    if ((method as Method) === ManagerService.methods.destroy) {
      return this.to.call(
        method,
        request,
        (response) => {
          this.home.forget(name!);
          return read(response);
        },
        options,
      );
    }
    if (opener === undefined || name === undefined) return this.to.call(method, request, read, options);
    if ((method as Method) === (opener as Method) && !this.home.has(name)) {
      return this.#offered(opener, request as OpenRequest).then(() => read({ created: true } as O));
    }
    if (this.home.has(name) || (request as Referring).from !== undefined) return this.to.call(method, request, read, options);
    const open = (options?.opening?.request as OpenRequest | undefined) ?? plainOpen(opener, name);
    return this.#offered(opener, open, request as Referring).then(() => this.to.call(method, request, read, options));
  }

  #offered(opener: Open, open: OpenRequest, request: Referring = {}): Promise<void> {
    const offers = others(open, request).map(([kind, name]) => this.home.offer(OPENERS.get(kind)!, plainOpen(OPENERS.get(kind)!, name)));
    const all = Promise.all([...offers, this.home.offer(opener, open)]).then(() => undefined);
    this.#offering = Promise.allSettled([this.#offering, all]);
    return all;
  }

  /** Whatever this client called before has reached the home when this is done. */
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

  onWarning(...told: Parameters<Transport['onWarning']>): void {
    this.to.onWarning(...told);
  }

  close(): Promise<void> {
    return this.to.close();
  }
}

/** The objects that a call and its options refer to. */
function others(...sources: readonly Referring[]): [kind: string, name: string][] {
  return sources.flatMap(({ otherName, lock, rlock, deadLetter }) =>
    [['set', otherName] as const, ['lock', lock] as const, ['rlock', rlock] as const, ['queue', deadLetter?.queue] as const].filter(
      (each) => typeof each[1] === 'string',
    ),
  ) as [string, string][];
}

/** The request that opens an object of which there is nothing to say but its name. */
function plainOpen(method: Open, name: string): OpenRequest {
  const bytes = encodeMessage(new Writer(), OPENERS.get('lock')!.input, { name, exclusive: false });
  return decodeMessage(method.input, bytes);
}

const PROBE = { method: OPENERS.get('event')!, request: { name: 'the probe', exclusive: false } };

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

/** What objects at home elsewhere do not offer, and why: see docs/decisions/0018-home.md. */
const LACKS = new Set<string>([]);
