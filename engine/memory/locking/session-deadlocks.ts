import type { Caller } from '../../../proto/contract.js';
import { circleIn, groupsOf, wayIn, type Edge } from './cycles.js';
import { stepOf } from './deadlock.js';
import type { Lockable, LockRequest } from './lock-queue.js';

/** A circle is suspect when all of it has stood for so long: locks that are merely busy change hands. */
const STOOD_MS = 1000;
const LOOK_MS = 500;
/** After so many looks without a change between them, there is nothing new to be found. */
const LOOKS = Math.ceil(STOOD_MS / LOOK_MS) + 2;
/** The most circles that one look tells of. */
const MOST = 100;

/** What of an edge tells whether it is there still. */
interface WaitEdge extends Edge {
  /** Names the session that waits, and what for: the same for all its waits for one thing. */
  readonly key: string;
}

/** One session waits for what another holds; sessions go by their ids. */
interface Standing extends WaitEdge {
  readonly wanted: Lockable;
  readonly turn: LockRequest;
}

/**
 * Looks for sessions that wait for each other in a circle, whatever their owners, and for those that wait without a
 * timeout for what they hold themselves under no owner. Warns each of them, once for as long as the circle stands. No
 * error: what is held under one acquisition and what waits under another may belong to tasks that have nothing to do
 * with each other.
 */
export class SessionDeadlockDetector {
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  /** The circles that were told of and stand. */
  #told: (readonly WaitEdge[])[] = [];

  constructor(readonly contended: ReadonlySet<Lockable>) {}

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
    this.#told = this.#told.filter((circle) => circle.every(({ key }) => keys.has(key)));
    for (let count = 0; count < MOST; count++) {
      const circle = this.#untoldAlone(edges) ?? this.#untold(edges);
      if (circle === undefined) return;
      this.#told.push(circle.map(({ from, to, key }) => ({ from, to, key })));
      tell(circle);
    }
  }

  /** A session that waits for itself, and was not told of it. */
  #untoldAlone(edges: readonly Standing[]): Standing[] | undefined {
    const edge = edges.find(({ from, to, key }) => from === to && !this.#told.some(([first]) => first!.key === key));
    return edge && [edge];
  }

  /**
   * A circle of which nothing has been told, or one that reaches a session to which no circle was told.
   * Not every circle: a session with many waits, in one circle, is in many.
   */
  #untold(edges: readonly Standing[]): Standing[] | undefined {
    const told = new Set(this.#told.flatMap((circle) => circle.map(({ key }) => key)));
    const fresh = told.size === 0 ? edges : edges.filter(({ key }) => !told.has(key));
    const circle = circleIn(fresh);
    if (circle !== undefined || told.size === 0) return circle;
    const [edge] = circleIn(fresh, groupsOf(this.#told)) ?? [];
    return edge && [edge, ...wayIn(edges, edge.to, edge.from)!];
  }

  /** What has been so since then. */
  #standing(since: number): Standing[] {
    const edges: Standing[] = [];
    for (const wanted of this.contended) {
      const { possession } = wanted;
      const holder = possession?.caller;
      // Unary calls have no session, and their holds end by a lease.
      if (holder === undefined || holder.id === '' || wanted.passedAt > since) continue;
      const seen = new Set<Caller>();
      for (const turn of wanted.line.turns()) {
        if (turn.since > since) break;
        const { caller } = turn;
        if (caller.id === '' || seen.has(caller)) continue;
        if (caller === holder && (possession!.named || !turn.endless)) continue;
        seen.add(caller);
        edges.push({ from: caller.id, to: holder.id, key: `${caller.id} ${wanted.name}`, wanted, turn });
      }
    }
    return edges;
  }
}

function tell(circle: readonly Standing[]): void {
  const cycle = circle.map(({ wanted, turn }) => stepOf(wanted, turn));
  for (const { turn } of circle) turn.caller.warn({ suspectedDeadlock: { cycle } });
}
