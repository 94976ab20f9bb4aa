import type { Caller } from '../../../proto/contract.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import { cycleIn, groupsOf, pathIn, type Edge } from './cycles.js';
import { stepOf } from './deadlock.js';
import type { Lockable, LockRequest } from './lock-queue.js';
import type { Ownership } from '../../core/ownership.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { STOOD_MS } from '../../core/suspicion.js';

const LOOK_MS = 500;
/** Number of searches after the last change. Later ones would find nothing new. */
const LOOKS = Math.ceil(STOOD_MS / LOOK_MS) + 2;
/** Maximum number of holders of one object that a search looks at: a lock can have very many readers. */
const MOST_HOLDERS = 100;
/** Maximum number of cycles that one search reports. */
const MOST = 100;

/** An edge with the identity of its wait, which later searches compare. */
interface WaitEdge extends Edge {
  /** The two sessions, and the object that one holds and the other waits for. All waits of a session for one object have the same key. */
  readonly key: string;
}

/** A session that waits for an object which another session holds. The nodes are session ids. */
interface Standing extends WaitEdge {
  readonly wanted: Lockable;
  readonly request: LockRequest;
}

/**
 * Finds sessions that wait for each other in a cycle, whatever their owners, and sessions that wait without a timeout for an object which
 * they hold themselves under no owner. Warns each session of a cycle once while the cycle stands. It does not fail the waits: the hold and
 * the wait of a session may belong to tasks that are independent of each other.
 */
export class SessionDeadlockDetector implements Stateful {
  #timer: ClockTimer | undefined;
  #looks = 0;
  /** Cycles that were reported and still stand. */
  #told: (readonly WaitEdge[])[] = [];

  constructor(
    private readonly clock: Clock,
    readonly lockable: ReadonlySet<Lockable>,
  ) {}

  state() {
    const told = this.#told.map((cycle) => cycle.map(({ from, to, key }) => ({ from, to, key })));
    return { looks: this.#looks, told, timer: timerState(this.#timer) };
  }

  restore({ looks, told, timer }: StateOf<SessionDeadlockDetector>, restoring: Restoring): void {
    this.#looks = looks;
    this.#told = told;
    this.#timer = restoring.timer(timer, () => this.#look());
  }

  /** Starts the search. Called when a request joins a queue or a lock changes hands. */
  waitsChanged(): void {
    this.#looks = 0;
    this.#timer ??= this.clock.after(LOOK_MS, () => this.#look());
  }

  close(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #look(): void {
    const more = ++this.#looks < LOOKS;
    this.#timer = more ? this.clock.after(LOOK_MS, () => this.#look()) : undefined;
    const edges = this.#standing(this.clock.now - STOOD_MS);
    const keys = new Set(edges.map(({ key }) => key));
    this.#told = this.#told.filter((cycle) => cycle.every(({ key }) => keys.has(key)));
    for (let count = 0; count < MOST; count++) {
      const cycle = this.#untoldAlone(edges) ?? this.#untold(edges);
      if (cycle === undefined) return;
      this.#told.push(cycle.map(({ from, to, key }) => ({ from, to, key })));
      tell(cycle);
    }
  }

  /** Finds a session that waits for itself and was not warned of it yet. */
  #untoldAlone(edges: readonly Standing[]): Standing[] | undefined {
    const edge = edges.find(({ from, to, key }) => from === to && !this.#told.some(([first]) => first!.key === key));
    return edge && [edge];
  }

  /**
   * Finds a cycle without any reported edge, or one that reaches a session which was not warned yet. Does not enumerate all cycles: a
   * session with many waits in one cycle is part of many.
   */
  #untold(edges: readonly Standing[]): Standing[] | undefined {
    const told = new Set(this.#told.flatMap((cycle) => cycle.map(({ key }) => key)));
    const fresh = told.size === 0 ? edges : edges.filter(({ key }) => !told.has(key));
    const cycle = cycleIn(fresh);
    if (cycle !== undefined || told.size === 0) return cycle;
    const [edge] = cycleIn(fresh, groupsOf(this.#told)) ?? [];
    return edge && [edge, ...pathIn(edges, edge.to, edge.from)!];
  }

  /** Returns the waits that have not changed since that time. */
  #standing(since: number): Standing[] {
    const edges: Standing[] = [];
    for (const wanted of this.lockable) {
      if (wanted.changedHandsAt > since) continue;
      for (const ownership of sessionsOf(wanted)) edges.push(...standingBehind(ownership, wanted, since));
    }
    return edges;
  }
}

/** Returns a hold of each session that holds an object. Unary calls have no session, and their holds end by a lease. */
function sessionsOf({ ownerships }: Lockable): Iterable<Ownership> {
  const bySession = new Map<Caller, Ownership>();
  for (const ownership of ownerships) {
    const { caller } = ownership;
    // A hold without an owner is the one for which its own session can be warned.
    if (caller.id !== '' && (!bySession.has(caller) || !ownership.named)) bySession.set(caller, ownership);
    if (bySession.size === MOST_HOLDERS) break;
  }
  return bySession.values();
}

/** Yields the waits for an object that one of its holders keeps waiting, one of each session. */
function* standingBehind({ caller: holder, named }: Ownership, wanted: Lockable, since: number): Generator<Standing> {
  const seen = new Set<Caller>();
  for (const request of wanted.queue.requests()) {
    const { caller } = request;
    if (request.since > since || caller.id === '' || seen.has(caller)) continue;
    if (caller === holder && (named || !request.endless)) continue;
    seen.add(caller);
    yield { from: caller.id, to: holder.id, key: `${caller.id} ${holder.id} ${wanted.name}`, wanted, request };
  }
}

function tell(standing: readonly Standing[]): void {
  const cycle = standing.map(({ wanted, request }) => stepOf(wanted, request));
  for (const { request } of standing) request.caller.warn({ suspectedDeadlock: { cycle } });
}
