import type { SharedEngine } from '../../engine/shared/index.js';
import type { Reference } from '../../proto/codec/reference.js';
import { Owners } from '../locking/owner.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import type { Transport } from './transport/transport.js';
import { ProxyRefs } from '../objects/anonymous.js';

/** What the proxies of one client have in common: a handle on a manager, or an arena as one thread works in it. */
export class Client implements ProxyContext {
  readonly freeze = process.env['NODE_ENV'] !== 'production';
  readonly owners: Owners;
  readonly proxyRefs: ProxyRefs;
  readonly #preparing = new Set<Promise<unknown>>();
  #watches = 0;

  /**
   * @param open makes the proxy that a reference stands for
   * @param oneOwner whether the client is one owner as a whole
   * @param shared the shared memory in which its objects are, where they are in one
   * @param before what its calls wait for, while there is something
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
    // Shared memory does not count: a thread has an object, or has it not.
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
    // Its failure is that of the first operation on the object, or of whoever awaits prepared().
    call.catch(() => {}).finally(() => this.#preparing.delete(call));
  }

  /** Resolves when others find, or cannot find, what references were made of; undefined where nothing is under way. */
  announcing(): Promise<void> | undefined {
    return this.#preparing.size === 0 ? undefined : Promise.allSettled(this.#preparing).then(() => {});
  }

  /** Resolves when all objects that references were made of are there for others. */
  async prepared(): Promise<void> {
    await Promise.all(this.#preparing);
  }
}
