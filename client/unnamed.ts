/** How long a proxy that was given away as a reference is kept for whoever gets it, in milliseconds. */
const ON_ITS_WAY_MS = 60_000;

/** One proxy of an unnamed object, as far as it keeps the object. */
export interface Stake {
  readonly name: string;
  /** It was disposed, or collected. */
  over: boolean;
  /** When a reference was last made of it. */
  referencedAt: number;
}

/**
 * The unnamed objects that this client has proxies of. When the last proxy of one is disposed or
 * collected, the manager is told that this client no longer needs the object.
 */
export class Stakes {
  readonly #proxies = new Map<string, number>();
  readonly #collected = new FinalizationRegistry<Stake>((stake) => this.#afterItsWay(stake));

  constructor(
    /** Tells the manager. */
    readonly dismiss: (name: string) => Promise<void>,
  ) {}

  hold(proxy: object, name: string): Stake {
    const stake: Stake = { name, over: false, referencedAt: -Infinity };
    this.#proxies.set(name, (this.#proxies.get(name) ?? 0) + 1);
    this.#collected.register(proxy, stake, stake);
    return stake;
  }

  async letGo(stake: Stake): Promise<void> {
    if (stake.over) return;
    stake.over = true;
    this.#collected.unregister(stake);
    const left = this.#proxies.get(stake.name)! - 1;
    if (left > 0) {
      this.#proxies.set(stake.name, left);
    } else {
      this.#proxies.delete(stake.name);
      await this.dismiss(stake.name);
    }
  }

  /** A reference may be on its way to another process or thread, which will claim the object when it gets it. */
  #afterItsWay(stake: Stake): void {
    const wait = stake.referencedAt + ON_ITS_WAY_MS - performance.now();
    // Nobody waits for it: where the manager cannot be told, the end of the session tells it.
    const letGo = (): void => void this.letGo(stake).catch(() => {});
    if (wait <= 0) letGo();
    else setTimeout(letGo, wait).unref();
  }
}
