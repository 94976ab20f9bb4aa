import type { SharedEngine } from '../../engine/shared/index.js';
import type { Reference } from '../../proto/codec/reference.js';
import { Owners } from '../locking/owner.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import type { Transport } from './transport/transport.js';
import { ProxyRefs } from '../objects/anonymous.js';

/** The shared context of one client's proxies. A client is a handle on a manager, or an arena in one thread. */
export class Client implements ProxyContext {
  readonly freeze = process.env['NODE_ENV'] !== 'production';
  readonly owners: Owners;
  readonly proxyRefs: ProxyRefs;
  readonly #preparing = new Set<Promise<unknown>>();
  #watches = 0;

  /**
   * @param open creates the proxy that a reference stands for
   * @param oneOwner true if the client as a whole is one owner
   * @param shared the shared memory of its objects, if they are in one
   * @param before returns a promise that calls must wait for, or undefined
   */
  constructor(
    readonly transport: Transport,
    readonly open: (reference: Reference) => unknown,
    oneOwner: boolean,
    readonly shared?: SharedEngine,
    private readonly before?: () => Promise<void> | undefined,
  ) {
    this.owners = new Owners(transport, oneOwner);
    this.proxyRefs = new ProxyRefs(transport);
    // Shared memory keeps no count of references: a thread either has a proxy of an object or has none.
    if (shared === undefined) transport.onReferences((names) => this.proxyRefs.received(names));
  }

  preceding(): Promise<void> | undefined {
    return this.before?.();
  }

  nextWatch(): number {
    return ++this.#watches;
  }

  preparing(call: Promise<unknown>): void {
    this.#preparing.add(call);
    // The first operation on the object, or the caller of prepared(), reports the failure.
    call.catch(() => {}).finally(() => this.#preparing.delete(call));
  }

  /** Resolves once the objects of all references made so far were announced or failed; undefined if none is in progress. */
  announcing(): Promise<void> | undefined {
    return this.#preparing.size === 0 ? undefined : Promise.allSettled(this.#preparing).then(() => {});
  }

  /** Resolves once the objects of all references made so far are visible to others; rejects if one failed. */
  async prepared(): Promise<void> {
    await Promise.all(this.#preparing);
  }
}
