import type { ObservedClient } from './observed-client.js';

/** Time within which a program that goes on after it stood still learns what it has lost, in milliseconds. */
export const LEARNS_MS = 100;

/** A hold of a lock or of permits, or a delivery, as its user sees it. */
export interface SeenHold {
  readonly object: string;
  readonly client: ObservedClient;
  readonly token: bigint;
  readonly signal: AbortSignal;
  /** The hold itself. Only its own program may ask it, since it looks at the lease of its session. */
  readonly source: { readonly signal: AbortSignal };
  /** Id of the session that it was granted in. */
  readonly session: string;
  /** Holds of one owner may overlap. */
  readonly owner: object;
  readonly permits: number;
  /** Time from which the manager may have ended it by its lease. */
  readonly until: number;
  /** True while another may have it with its holder's consent: from its release on, and during a wait on a condition. */
  given: boolean;
}

/** The holds of a world as its users see them: at no time do two exclude each other. */
export class SeenHolds {
  readonly #holds = new Map<string, Set<SeenHold>>();
  readonly #granted = new Map<string, Set<bigint>>();
  readonly #latest = new Map<string, bigint>();

  constructor(
    private readonly now: () => number,
    private readonly violated: (what: string) => void,
    /** False if holds may overlap, because the manager may forget one before its client knows. */
    private readonly exclude = true,
    /** Returns true if the manager has certainly ended the session of a hold, and its program knows it before it uses one. */
    private readonly outlived: (hold: SeenHold) => boolean = () => false,
  ) {}

  /** A hold was granted. `capacity` permits can be held at a time. */
  granted(hold: SeenHold, capacity: number): void {
    const { object, token, client } = hold;
    const tokens = this.#granted.get(object) ?? new Set();
    this.#granted.set(object, tokens);
    if (tokens.has(token)) this.violated(`token ${token} of ${object} was granted twice`);
    tokens.add(token);
    // A client that stood still sees a grant late, and one may have ended by its own lease before its client hears of it.
    const latest = this.#latest.get(object) ?? 0n;
    if (capacity === 1 && hold.until === Infinity && token < latest && client.loop.stoppedUntil < this.now() - 5_000) {
      this.violated(`token ${token} of ${object} came after token ${latest}`);
    }
    if (token > latest) this.#latest.set(object, token);
    // A program uses what it is granted, and asks nothing before.
    if (this.outlived(hold)) this.#violatedBy(hold);
    this.begin(hold, capacity);
  }

  /** Returns true if a user has seen the token. */
  knows(object: string, token: bigint): boolean {
    return this.#granted.get(object)?.has(token) === true;
  }

  /** A user has it, also again after a wait. */
  begin(hold: SeenHold, capacity: number): void {
    hold.given = false;
    this.#assertLives(hold);
    const holds = this.#holds.get(hold.object) ?? new Set();
    this.#holds.set(hold.object, holds);
    holds.add(hold);
    for (const other of holds) if (this.#over(other)) holds.delete(other);
    if (!this.#usable(hold)) return;
    const usable = [...holds].filter((other) => this.#usable(other));
    // One owner may hold a lock several times over.
    const owners = new Map(usable.map((other) => [other.owner, other.permits]));
    const held = [...owners.values()].reduce((sum, permits) => sum + permits, 0);
    if (held > capacity && this.exclude) {
      const all = usable.map(({ client, token }) => `${client.loop.name} under token ${token}`);
      this.violated(`${hold.object} is held by ${all.join(' and by ')}`);
    }
  }

  /** Its user gives it up. Until now it had it, unless it was told that it was lost. */
  giveUp(hold: SeenHold): void {
    hold.given = true;
    this.#assertLives(hold);
  }

  #assertLives(hold: SeenHold): void {
    if (!hold.source.signal.aborted && this.outlived(hold)) this.#violatedBy(hold);
  }

  #violatedBy({ client, object, token }: SeenHold): void {
    this.violated(`${client.loop.name} believes to have ${object} under token ${token}, and its session has ended`);
  }

  #over({ given, signal, client, until }: SeenHold): boolean {
    return given || signal.aborted || client.closed || !client.loop.alive || until <= this.now();
  }

  /** A program that stood still learns of a loss just after it goes on. */
  #usable({ client }: SeenHold): boolean {
    return client.loop.stoppedUntil < this.now() - LEARNS_MS;
  }
}
