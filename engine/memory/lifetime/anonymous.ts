import type { Caller, SessionResource } from '../../../proto/contract.js';
import { referencesIn } from '../../../proto/codec/references.js';
import { isAnonymous } from '../../../proto/name.js';
import type { Payload } from '../../../proto/wire/values.js';

/**
 * How long an object stays that only an ended session referred to: what that session gave away last, as
 * a worker its result, may still be on its way to whoever will claim it.
 */
const GRACE_MS = 2_000;
/** How long an object stays that a unary call made, used or was answered: time to store the reference, or to use it again. */
const UNARY_GRACE_MS = 30_000;
/** How often it is looked whether an object that is still at work has come to rest. */
const BUSY_MS = 1_000;

/** An object that contains references. */
export interface Referrer {
  /** What keeps it, where it is anonymous itself. */
  readonly node: RefNode | undefined;
}

/** An anonymous object, or the name of one that is still to come, with all that keeps it. */
export class RefNode {
  /** The sessions that created, used or received it, and how many references each was sent that it has not dismissed. */
  readonly sessions = new Map<Caller, number>();
  /** The objects that contain references to it, and how many. */
  readonly referrers = new Map<Referrer, number>();
  /** Runs while a unary call keeps it. */
  lent: NodeJS.Timeout | undefined;

  constructor(readonly name: string) {}
}

/** What a session created, used or received, until it ends. */
interface Interests extends SessionResource {
  readonly nodes: Set<RefNode>;
}

/**
 * Keeps anonymous objects alive for as long as they can be reached: from a session that created, used or
 * received them, or by a reference inside an object that is named, or itself alive. What refers to itself
 * in a cycle ends with the last session that knew of it.
 */
export class AnonymousObjects {
  readonly #nodes = new Map<string, RefNode>();
  readonly #interests = new Map<Caller, Interests>();
  /** Objects that something let go of, to be looked at when this turn is over. */
  #suspects = new Set<RefNode>();
  #sweeping: NodeJS.Immediate | undefined;
  /** Those of them that are at work. */
  #busy = new Set<RefNode>();
  #looking: NodeJS.Timeout | undefined;
  readonly #graces = new Set<NodeJS.Timeout>();

  constructor(
    /** Whether the object of that name is at work: it is held, or waited for. */
    readonly busy: (name: string) => boolean,
    /** Ends the object of that name, if there is one. */
    readonly free: (name: string) => void,
  ) {}

  find(name: string): RefNode | undefined {
    return this.#nodes.get(name);
  }

  node(name: string): RefNode {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, (node = new RefNode(name)));
    return node;
  }

  /** A session created, used or received it. A unary call belongs to none, and keeps it for a grace. */
  claim(node: RefNode, session: Caller): void {
    if (session.id === '') return this.#lend(node);
    if (node.sessions.has(session)) return;
    node.sessions.set(session, 0);
    this.#interestsOf(session).nodes.add(node);
  }

  /** Claims all that a value refers to, for as long as the session lasts, or the grace of a unary call. */
  claimAll(payload: Payload, session: Caller): void {
    for (const { name } of referencesIn(payload)) if (isAnonymous(name)) this.claim(this.node(name), session);
  }

  /** A value is sent to a session, which refers to what is in it from now on: until it says that it received it, and needs it no more. */
  sent(payload: Payload, session: Caller): void {
    for (const { name } of referencesIn(payload)) {
      if (!isAnonymous(name)) continue;
      const node = this.node(name);
      this.claim(node, session);
      node.sessions.set(session, node.sessions.get(session)! + 1);
    }
  }

  #lend(node: RefNode): void {
    if (node.lent !== undefined) {
      node.lent.refresh();
      return;
    }
    const timer = setTimeout(() => {
      this.#graces.delete(timer);
      node.lent = undefined;
      this.suspect(node);
    }, UNARY_GRACE_MS);
    node.lent = timer;
    this.#graces.add(timer);
  }

  /** Whether there are any at all. */
  get any(): boolean {
    return this.#nodes.size > 0;
  }

  /**
   * A session no longer refers to an object, unless references to it are on their way there.
   * @param received how many of those that it was sent have arrived
   */
  dismiss(name: string, session: Caller, received = Infinity): void {
    const node = this.#nodes.get(name);
    const sent = node?.sessions.get(session);
    if (node === undefined || sent === undefined) return;
    if (sent > received) {
      node.sessions.set(session, sent - received);
      return;
    }
    node.sessions.delete(session);
    this.#interests.get(session)?.nodes.delete(node);
    this.suspect(node);
  }

  /** Looks, when this turn is over, whether anything still keeps it: an answer under way may. */
  suspect(node: RefNode): void {
    if (node.sessions.size > 0) return;
    this.#suspects.add(node);
    this.#sweeping ??= setImmediate(() => this.#sweep());
  }

  /** The object was destroyed: whoever uses its name again claims what that makes. */
  destroyed(node: RefNode): void {
    for (const session of node.sessions.keys()) this.#interests.get(session)?.nodes.delete(node);
    node.sessions.clear();
    this.suspect(node);
  }

  close(): void {
    clearImmediate(this.#sweeping);
    clearTimeout(this.#looking);
    for (const timer of this.#graces) clearTimeout(timer);
  }

  #interestsOf(session: Caller): Interests {
    let interests = this.#interests.get(session);
    if (interests === undefined) {
      interests = { nodes: new Set(), abandon: () => this.#ended(session) };
      this.#interests.set(session, interests);
      session.holds.add(interests);
    }
    return interests;
  }

  #ended(session: Caller): void {
    const { nodes } = this.#interests.get(session)!;
    this.#interests.delete(session);
    for (const node of nodes) node.sessions.delete(session);
    const timer = setTimeout(() => {
      this.#graces.delete(timer);
      for (const node of nodes) this.suspect(node);
    }, GRACE_MS);
    this.#graces.add(timer);
  }

  #sweep(): void {
    const suspects = this.#suspects;
    this.#suspects = new Set();
    this.#sweeping = undefined;
    for (const suspect of suspects) {
      if (this.#nodes.get(suspect.name) !== suspect) continue;
      const doomed = unreachable(suspect);
      if (doomed === undefined) continue;
      if ([...doomed].some(({ name }) => this.busy(name))) this.#lookAgain(suspect);
      else for (const node of doomed) this.#end(node);
    }
  }

  #lookAgain(node: RefNode): void {
    this.#busy.add(node);
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      const busy = this.#busy;
      this.#busy = new Set();
      for (const each of busy) this.suspect(each);
    }, BUSY_MS);
  }

  #end(node: RefNode): void {
    this.#nodes.delete(node.name);
    this.free(node.name);
  }
}

/** A node and all that refers to it, where nothing keeps any of them; undefined where something does. */
function unreachable(node: RefNode): Set<RefNode> | undefined {
  const seen = new Set([node]);
  // A set gives what is added to it while it is gone through.
  for (const each of seen) {
    if (each.sessions.size > 0 || each.lent !== undefined) return undefined;
    for (const referrer of each.referrers.keys()) {
      if (referrer.node === undefined) return undefined;
      seen.add(referrer.node);
    }
  }
  return seen;
}
