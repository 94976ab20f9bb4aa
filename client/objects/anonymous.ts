import { ClosedError, SessionExpiredError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Transport } from '../connect/transport/transport.js';

/** Milliseconds for which a proxy stays counted after a reference to it was given away, so that its receiver can claim the object. */
const ON_ITS_WAY_MS = 60_000;

/** The claim of one proxy on its anonymous object. */
export interface ProxyRef {
  readonly name: string;
  /** True once the proxy was disposed or collected. */
  over: boolean;
  /** Time of the last reference made of the proxy. */
  referencedAt: number;
}

/**
 * The anonymous objects that this client has proxies of. When the last proxy of one is disposed or collected, the client tells the manager
 * that it no longer needs the object, together with the number of references to it that it has received, so that the manager knows of
 * further references that are still in transit.
 */
export class ProxyRefs {
  readonly #proxies = new Map<string, number>();
  /** Number of references to each object in the answers of this session since it was last dismissed. */
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

  /** Records the references of an answer that was read, and dismisses the objects of which the reader made no proxy. */
  received(names: readonly string[]): void {
    const counts = this.#counts();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const name of names) if (counts.has(name)) void this.release(name, true).catch(() => {});
  }

  /** Dismisses an object if no proxy of it is left. */
  async release(name: string, background = false): Promise<void> {
    if (!this.#proxies.has(name)) await this.#dismiss(name, background);
  }

  /** Tells the manager that this client no longer needs an object, if there is a session. */
  async #dismiss(name: string, background = false): Promise<void> {
    if (!this.transport.connected) return;
    const counts = this.#counts();
    const received = counts.get(name) ?? 0;
    counts.delete(name);
    try {
      await this.transport.call(ManagerService.methods.dismiss, { name, received }, () => {}, { background });
    } catch (error) {
      // The end of the session has released all its references.
      if (!(error instanceof SessionExpiredError || error instanceof ClosedError)) throw error;
    }
  }

  /** Returns the counts of received references; a new session begins with none. */
  #counts(): Map<string, number> {
    const { sessionId } = this.transport;
    if (sessionId !== this.#session) this.#received.clear();
    this.#session = sessionId;
    return this.#received;
  }

  /**
   * Releases a collected proxy, after a delay if a reference to it may be in transit to another process or thread that has yet to claim the
   * object.
   */
  #afterItsWay(proxyRef: ProxyRef): void {
    const wait = proxyRef.referencedAt + ON_ITS_WAY_MS - performance.now();
    // Errors are ignored: if the manager cannot be reached, the end of the session releases the object.
    const letGo = (): void => void this.letGo(proxyRef).catch(() => {});
    if (wait <= 0) letGo();
    else setTimeout(letGo, wait).unref();
  }
}
