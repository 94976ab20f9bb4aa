import type { Caller, SessionResource } from '../../../proto/contract.js';
import { referencesIn } from '../../../proto/codec/references.js';
import { anonymousName, isAnonymous } from '../../../proto/name.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import { Future } from '../../core/future.js';
import { GrowingNumbers } from '../../core/growing-numbers.js';
import type { Restoring } from '../../core/restoring.js';
import { byCaller, found, sortedPairs } from '../../core/state.js';

/**
 * Time for which an object stays that only an ended session referred to, in milliseconds. A reference that the session sent last, as in the
 * result of a worker, may still be on its way to another process.
 */
const GRACE_MS = 2_000;
/**
 * Time for which an object stays that a unary call made, used or was answered, in milliseconds. The caller can store the reference or use
 * it again within it.
 */
const UNARY_GRACE_MS = 30_000;
/** Interval of the check whether an unreachable object is still held or waited for, in milliseconds. */
const BUSY_MS = 1_000;

/** Starts a timer. */
type StartTimer = (run: () => void) => ClockTimer;

/** An object that contains references. */
export interface Referrer {
  readonly name: string;
  /** Its own node, if it is anonymous itself. */
  readonly node: RefNode | undefined;
}

/** An anonymous object, or the name of one that is not made yet, with everything that keeps it alive. */
export class RefNode implements Stateful {
  /** Sessions that created, used or received it, each with the number of references sent to it that it has not dismissed. */
  readonly sessions = new Map<Caller, number>();
  /** Objects that contain references to it, each with the number of references. */
  readonly referrers = new Map<Referrer, number>();
  /** Runs while a unary call keeps it. */
  lent: ClockTimer | undefined;

  constructor(readonly name: string) {}

  /** The referrers in the order in which a search goes through them. */
  state() {
    return {
      sessions: byCaller(this.sessions, (sent) => sent),
      referrers: Array.from(this.referrers, ([{ name }, count]): [string, number] => [name, count]),
      lent: timerState(this.lent),
    };
  }
}

/** The objects that a session created, used or received. */
interface Interests extends SessionResource {
  readonly nodes: Set<RefNode>;
}

/** Objects that stay for a while although no session has them. */
interface Grace {
  readonly nodes: Iterable<RefNode>;
  readonly timer: ClockTimer;
}

/**
 * Keeps anonymous objects alive while they are reachable: from a session that created, used or received them, or by a reference inside an
 * object that has a name or is reachable itself. Objects that refer to each other in a cycle end when the last session leaves them.
 */
export class AnonymousObjects implements Stateful {
  readonly #nodes = new Map<string, RefNode>();
  readonly #interests = new Map<Caller, Interests>();
  /** Objects that lost a session or a reference. Checked at the end of the turn. */
  #suspects = new Set<RefNode>();
  /** Settled when that check is over; undefined if none is due. */
  #sweep: Future<void> | undefined;
  /** Unreachable objects that are still held or waited for. */
  #busy = new Set<RefNode>();
  #looking: ClockTimer | undefined;
  /** The graces after the ends of sessions. */
  readonly #graces = new Set<Grace>();
  /** The names that the engine gives, as numbers. */
  readonly #names: GrowingNumbers;

  constructor(
    private readonly clock: Clock,
    /** Returns true if the object of that name is held or waited for. */
    readonly busy: (name: string) => boolean,
    /** Ends the object of that name, if there is one. */
    readonly free: (name: string) => void,
  ) {
    this.#names = new GrowingNumbers(clock);
  }

  state() {
    return {
      lastName: this.#names.state(),
      nodes: sortedPairs(Array.from(this.#nodes.values(), (node): [string, StateOf<RefNode>] => [node.name, node.state()])),
      interests: byCaller(this.#interests, ({ nodes }) => this.#present(nodes)),
      graces: Array.from(this.#graces, ({ nodes, timer }) => ({ nodes: this.#present(nodes), timer: timerState(timer) })),
      busy: this.#present(this.#busy),
      timer: timerState(this.#looking),
    };
  }

  /** @param referrer returns the object of a name */
  restore(state: StateOf<AnonymousObjects>, restoring: Restoring, referrer: (name: string) => Referrer): void {
    this.#names.restore(state.lastName);
    // The calls that were started again have claimed objects, as the state has it already.
    this.#nodes.clear();
    for (const [session, interests] of this.#interests) session.holds.delete(interests);
    this.#interests.clear();
    const named = (names: readonly string[]): Set<RefNode> => new Set(names.map((name) => found(this.#nodes.get(name), name)));
    for (const [name, { sessions, lent }] of state.nodes) {
      const node = this.node(name);
      for (const [id, sent] of sessions) node.sessions.set(restoring.caller(id), sent);
      if (lent !== undefined) this.#lendUntil(node, (run) => restoring.timer(lent, run)!);
    }
    for (const [name, { referrers }] of state.nodes) {
      for (const [from, count] of referrers) this.node(name).referrers.set(referrer(from), count);
    }
    for (const [id, names] of state.interests) {
      const { nodes } = this.#interestsOf(restoring.caller(id));
      for (const node of named(names)) nodes.add(node);
    }
    for (const { nodes, timer } of state.graces) this.#keep(named(nodes), (run) => restoring.timer(timer, run)!);
    this.#busy = named(state.busy);
    this.#looking = restoring.timer(state.timer, () => this.#look());
  }

  /** Returns the names of nodes that have not ended. The others make no difference. */
  #present(nodes: Iterable<RefNode>): string[] {
    return Array.from(nodes)
      .filter((node) => this.#nodes.get(node.name) === node)
      .map(({ name }) => name);
  }

  /** The last number given as a name. */
  get lastName(): number {
    return this.#names.state();
  }

  set lastName(last: number) {
    this.#names.restore(last);
  }

  /** Gives no name again that was given before a time. */
  pass(wallTime: number): void {
    this.#names.pass(wallTime);
  }

  /** Returns a name for an object that the engine itself makes. Clients take theirs from random numbers, which are longer. */
  newName(): string {
    return anonymousName(this.#names.next().toString(36));
  }

  find(name: string): RefNode | undefined {
    return this.#nodes.get(name);
  }

  node(name: string): RefNode {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, (node = new RefNode(name)));
    return node;
  }

  /**
   * Records that a session created, used or received the object. A unary call has no session, and keeps the object for `UNARY_GRACE_MS`.
   */
  claim(node: RefNode, session: Caller): void {
    if (session.id === '') return this.#lend(node);
    if (node.sessions.has(session)) return;
    this.clock.changed = true;
    node.sessions.set(session, 0);
    this.#interestsOf(session).nodes.add(node);
  }

  /** Claims all objects that a value refers to. */
  claimAll(payload: Payload, session: Caller): void {
    for (const { name } of referencesIn(payload)) if (isAnonymous(name)) this.claim(this.node(name), session);
  }

  /**
   * Claims all objects that a value refers to for the session that it is sent to, and counts the references until the session dismisses
   * them.
   */
  sent(payload: Payload, session: Caller): void {
    for (const { name } of referencesIn(payload)) {
      if (!isAnonymous(name)) continue;
      const node = this.node(name);
      this.claim(node, session);
      this.clock.changed = true;
      node.sessions.set(session, node.sessions.get(session)! + 1);
    }
  }

  #lend(node: RefNode): void {
    this.clock.changed = true;
    node.lent?.stop();
    this.#lendUntil(node, (run) => this.clock.after(UNARY_GRACE_MS, run));
  }

  #lendUntil(node: RefNode, start: StartTimer): void {
    node.lent = start(() => {
      node.lent = undefined;
      this.suspect(node);
    });
  }

  /** True if there are any anonymous objects. */
  get any(): boolean {
    return this.#nodes.size > 0;
  }

  /**
   * Records that a session has no proxy of the object left. The session keeps the object while references to it are on their way there.
   * @param received number of references sent to the session that have arrived
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

  /** Waits until the objects that were let go of have ended; undefined if none was. */
  settled(): Future<void> | undefined {
    return this.#sweep;
  }

  /** Checks at the end of the turn whether anything still keeps the object. Not at once, because an answer in progress may claim it. */
  suspect(node: RefNode): void {
    if (node.sessions.size > 0) return;
    this.#suspects.add(node);
    if (this.#sweep !== undefined) return;
    this.#sweep = new Future(this.clock);
    this.clock.deferLast(() => this.#endUnreachable());
  }

  /** Called when the object was destroyed. Its sessions lose their claims; a later object of that name needs new ones. */
  destroyed(node: RefNode): void {
    for (const session of node.sessions.keys()) this.#interests.get(session)?.nodes.delete(node);
    node.sessions.clear();
    this.suspect(node);
  }

  close(): void {
    this.#looking?.stop();
    for (const { timer } of this.#graces) timer.stop();
    for (const { lent } of this.#nodes.values()) lent?.stop();
  }

  #interestsOf(session: Caller): Interests {
    let interests = this.#interests.get(session);
    if (interests === undefined) {
      interests = { nodes: new Set(), abandon: () => this.#ended(session), identity: () => 'anonymous objects' };
      this.#interests.set(session, interests);
      session.holds.add(interests);
    }
    return interests;
  }

  #ended(session: Caller): void {
    const { nodes } = this.#interests.get(session)!;
    this.#interests.delete(session);
    for (const node of nodes) node.sessions.delete(session);
    this.#keep(nodes, (run) => this.clock.after(GRACE_MS, run));
  }

  /** Keeps objects until a timer ends. */
  #keep(nodes: Iterable<RefNode>, start: StartTimer): void {
    const timer = start(() => {
      this.#graces.delete(grace);
      for (const node of nodes) this.suspect(node);
    });
    const grace = { nodes, timer };
    this.#graces.add(grace);
  }

  #endUnreachable(): void {
    const [suspects, sweep] = [this.#suspects, this.#sweep!];
    this.#suspects = new Set();
    this.#sweep = undefined;
    for (const suspect of suspects) {
      if (this.#nodes.get(suspect.name) !== suspect) continue;
      const garbage = unreachable(suspect);
      if (garbage === undefined) continue;
      if ([...garbage].some(({ name }) => this.busy(name))) this.#lookAgain(suspect);
      else for (const node of garbage) this.#end(node);
    }
    sweep.resolve();
  }

  #lookAgain(node: RefNode): void {
    this.#busy.add(node);
    this.#looking ??= this.clock.after(BUSY_MS, () => this.#look());
  }

  #look(): void {
    this.#looking = undefined;
    const busy = this.#busy;
    this.#busy = new Set();
    for (const each of busy) this.suspect(each);
  }

  #end(node: RefNode): void {
    this.#nodes.delete(node.name);
    this.free(node.name);
  }
}

/** Returns the node and all nodes that lead to it, or undefined if something keeps one of them alive. */
function unreachable(node: RefNode): Set<RefNode> | undefined {
  const seen = new Set([node]);
  // Nodes added during the loop are visited in the same loop.
  for (const each of seen) {
    if (each.sessions.size > 0 || each.lent !== undefined) return undefined;
    for (const referrer of each.referrers.keys()) {
      if (referrer.node === undefined) return undefined;
      seen.add(referrer.node);
    }
  }
  return seen;
}
