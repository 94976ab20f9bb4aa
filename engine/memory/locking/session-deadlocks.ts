import type { Caller } from '../../../proto/contract.js';
import { cycleIn, groupsOf, wayIn, type Edge } from './cycles.js';
import { stepOf } from './deadlock.js';
import type { Lockable, LockRequest } from './lock-queue.js';

/** A cycle is suspect when all of it has stood for so long: locks that are merely busy change hands. */
const STOOD_MS = 1000;
const LOOK_MS = 500;
/** After so many looks without a change between them, there is nothing new to be found. */
const LOOKS = Math.ceil(STOOD_MS / LOOK_MS) + 2;
/** The most cycles that one look tells of. */
const MOST = 100;

/** What of an edge tells whether it is there still. */
interface WaitEdge extends Edge {
  /** Names the session that waits, and what for: the same for all its waits for one thing. */
  readonly key: string;
}

/** One session waits for what another holds; sessions go by their ids. */
interface Standing extends WaitEdge {
  readonly wanted: Lockable;
  readonly request: LockRequest;
}

/**
 * Looks for sessions that wait for each other in a cycle, whatever their owners, and for those that wait without a
 * timeout for what they hold themselves under no owner. Warns each of them, once for as long as the cycle stands. No
 * error: what is held under one acquisition and what waits under another may belong to tasks that have nothing to do
 * with each other.
 */
export class SessionDeadlockDetector {
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  /** The cycles that were told of and stand. */
  #told: (readonly WaitEdge[])[] = [];

  constructor(readonly lockable: ReadonlySet<Lockable>) {}

  /** Someone new waits, or for someone else. */
  stir(): void {
    this.#looks = 0;
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (++this.#looks >= LOOKS) this.close();
    const edges = this.#standing(performance.now() - STOOD_MS);
    const keys = new Set(edges.map(({ key }) => key));
    this.#told = this.#told.filter((cycle) => cycle.every(({ key }) => keys.has(key)));
    for (let count = 0; count < MOST; count++) {
      const cycle = this.#untoldAlone(edges) ?? this.#untold(edges);
      if (cycle === undefined) return;
      this.#told.push(cycle.map(({ from, to, key }) => ({ from, to, key })));
      tell(cycle);
    }
  }

  /** A session that waits for itself, and was not told of it. */
  #untoldAlone(edges: readonly Standing[]): Standing[] | undefined {
    const edge = edges.find(({ from, to, key }) => from === to && !this.#told.some(([first]) => first!.key === key));
    return edge && [edge];
  }

  /**
   * A cycle of which nothing has been told, or one that reaches a session to which no cycle was told.
   * Not every cycle: a session with many waits, in one cycle, is in many.
   */
  #untold(edges: readonly Standing[]): Standing[] | undefined {
    const told = new Set(this.#told.flatMap((cycle) => cycle.map(({ key }) => key)));
    const fresh = told.size === 0 ? edges : edges.filter(({ key }) => !told.has(key));
    const cycle = cycleIn(fresh);
    if (cycle !== undefined || told.size === 0) return cycle;
    const [edge] = cycleIn(fresh, groupsOf(this.#told)) ?? [];
    return edge && [edge, ...wayIn(edges, edge.to, edge.from)!];
  }

  /** What has been so since then. */
  #standing(since: number): Standing[] {
    const edges: Standing[] = [];
    for (const wanted of this.lockable) {
      const { ownership } = wanted;
      const holder = ownership?.caller;
      // Unary calls have no session, and their holds end by a lease.
      if (holder === undefined || holder.id === '' || wanted.passedAt > since) continue;
      const seen = new Set<Caller>();
      for (const request of wanted.line.serialQueue()) {
        if (request.since > since) break;
        const { caller } = request;
        if (caller.id === '' || seen.has(caller)) continue;
        if (caller === holder && (ownership!.named || !request.endless)) continue;
        seen.add(caller);
        edges.push({ from: caller.id, to: holder.id, key: `${caller.id} ${wanted.name}`, wanted, request });
      }
    }
    return edges;
  }
}

function tell(standing: readonly Standing[]): void {
  const cycle = standing.map(({ wanted, request }) => stepOf(wanted, request));
  for (const { request } of standing) request.caller.warn({ suspectedDeadlock: { cycle } });
}
