import { ClosedError, SessionExpiredError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Transport } from '../connect/transport/transport.js';

/** How long a proxy that was given away as a reference is kept for whoever gets it, in milliseconds. */
const ON_ITS_WAY_MS = 60_000;

/** One proxy of an anonymous object, as far as it keeps the object. */
export interface ProxyRef {
  readonly name: string;
  /** It was disposed, or collected. */
  over: boolean;
  /** When a reference was last made of it. */
  referencedAt: number;
}

/**
 * The anonymous objects that this client has proxies of. When the last proxy of one is disposed or
 * collected, the manager is told that this client no longer needs the object: together with the number of references
 * to it that were received, so that the manager knows of others that are still on their way here.
 */
export class ProxyRefs {
  readonly #proxies = new Map<string, number>();
  /** How many references to each object the answers of this session brought since it was last dismissed. */
  readonly #received = new Map<string, number>();
  #session = '';
  readonly #collected = new FinalizationRegistry<ProxyRef>((proxyRef) => this.#afterItsWay(proxyRef));

  constructor(private readonly transport: Transport) {}

  hold(proxy: object, name: string): ProxyRef {
    const proxyRef: ProxyRef = { name, over: false, referencedAt: -Infinity };
    this.#proxies.set(name, (this.#proxies.get(name) ?? 0) + 1);
    this.#collected.register(proxy, proxyRef, proxyRef);
    return proxyRef;
  }

  async letGo(proxyRef: ProxyRef): Promise<void> {
    if (proxyRef.over) return;
    proxyRef.over = true;
    this.#collected.unregister(proxyRef);
    const left = this.#proxies.get(proxyRef.name)! - 1;
    if (left > 0) {
      this.#proxies.set(proxyRef.name, left);
    } else {
      this.#proxies.delete(proxyRef.name);
      await this.#dismiss(proxyRef.name);
    }
  }

  /** An answer brought references, and was read: proxies were made of those that its reader wants. */
  received(names: readonly string[]): void {
    const counts = this.#counts();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const name of names) if (counts.has(name)) void this.release(name, true).catch(() => {});
  }

  /** Dismisses an object of which no proxy is left. */
  async release(name: string, background = false): Promise<void> {
    if (!this.#proxies.has(name)) await this.#dismiss(name, background);
  }

  /** Tells the manager, where it knows of this client, that an object is no longer needed here. */
  async #dismiss(name: string, background = false): Promise<void> {
    if (!this.transport.connected) return;
    const counts = this.#counts();
    const received = counts.get(name) ?? 0;
    counts.delete(name);
    try {
      await this.transport.call(ManagerService.methods.dismiss, { name, received }, () => {}, { background });
    } catch (error) {
      // With its session ends all that it refers to.
      if (!(error instanceof SessionExpiredError || error instanceof ClosedError)) throw error;
    }
  }

  /** A session begins with nothing received. */
  #counts(): Map<string, number> {
    const { sessionId } = this.transport;
    if (sessionId !== this.#session) this.#received.clear();
    this.#session = sessionId;
    return this.#received;
  }

  /** A reference may be on its way to another process or thread, which will claim the object when it gets it. */
  #afterItsWay(proxyRef: ProxyRef): void {
    const wait = proxyRef.referencedAt + ON_ITS_WAY_MS - performance.now();
    // Nobody waits for it: where the manager cannot be told, the end of the session tells it.
    const letGo = (): void => void this.letGo(proxyRef).catch(() => {});
    if (wait <= 0) letGo();
    else setTimeout(letGo, wait).unref();
  }
}
