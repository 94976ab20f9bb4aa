import dagre from '@dagrejs/dagre';
import type { JSX } from 'preact';
import { party } from '../../cli/inspection/cycles.js';
import { duration } from '../../cli/inspection/text.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { LockInfo, LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isInCircle, isLong, isStuck, partyText, type LockState } from '../manager/locks.js';
import { linkTo } from '../route.js';

/** Waiters of a lock that are drawn; the others are a number. */
const DRAWN_WAITERS = 4;
/** Locks that are drawn, the ones with most waiters. */
const DRAWN_LOCKS = 24;
const NODE = { width: 190, height: 40 };
/** Room for the text of an arrow. */
const LABEL = { width: 84, height: 16, labelpos: 'c' };

interface GraphNode {
  readonly title: string;
  readonly detail: string;
  readonly type: 'lock' | 'party' | 'rest';
  readonly isStuck: boolean;
  readonly link?: string;
}

interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly type: 'waits' | 'held';
  readonly mark?: 'stuck' | 'long' | undefined;
}

interface LockGraphParts {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly GraphEdge[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface PlacedEdge extends Point {
  readonly points: readonly Point[];
}

/** The locks that are waited for as a graph: from who waits to the lock, and from the lock to who holds it. A circle of arrows never ends by itself. */
export function LockGraph({ state }: { state: LockState }): JSX.Element {
  const { nodes, edges } = graphOf(state);
  if (nodes.size === 0) return <p class="empty">No call waits for a lock: there is no graph to draw.</p>;
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 30, marginx: 8, marginy: 14 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const id of nodes.keys()) layout.setNode(id, { ...NODE });
  for (const { from, to } of edges) layout.setEdge(from, to, { ...LABEL });
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph() as { width?: number; height?: number };
  return (
    <div class="scroll graph">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={described(edges, nodes)}>
        <defs>
          {['waits', 'held', 'stuck', 'long'].map((type) => (
            <marker key={type} id={`arrow-${type}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" class={`head ${type}`} />
            </marker>
          ))}
        </defs>
        {edges.map((edge) => {
          const { points, x, y } = layout.edge(edge.from, edge.to) as PlacedEdge;
          const type = edge.mark ?? edge.type;
          return (
            <g key={`${edge.from} ${edge.to}`} class={`edge ${type}`}>
              <path d={curve(points)} marker-end={`url(#arrow-${type})`} />
              <text x={x} y={y - 5}>
                {edge.label}
              </text>
            </g>
          );
        })}
        {[...nodes].map(([id, node]) => {
          const { x, y } = layout.node(id) as { x: number; y: number };
          const drawn = <Node key={id} node={node} x={x - NODE.width / 2} y={y - NODE.height / 2} />;
          return node.link === undefined ? (
            drawn
          ) : (
            <a key={id} href={node.link}>
              {drawn}
            </a>
          );
        })}
      </svg>
    </div>
  );
}

/** A smooth line through the points: each but the first and the last bends it. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1)!;
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    const end = next === last ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${first!.x} ${first!.y}${middles.length === 0 ? `L${last.x} ${last.y}` : middles.join('')}`;
}

function Node({ node, x, y }: { node: GraphNode; x: number; y: number }): JSX.Element {
  const { type, title, detail } = node;
  return (
    <g class={`node ${type} ${node.isStuck ? 'stuck' : ''}`} transform={`translate(${x} ${y})`}>
      <title>{`${title} ${detail}`}</title>
      <rect width={NODE.width} height={NODE.height} rx={type === 'lock' ? 4 : NODE.height / 2} />
      <text x={NODE.width / 2} y={17}>
        {short(title)}
      </text>
      <text x={NODE.width / 2} y={31} class="detail">
        {short(detail)}
      </text>
    </g>
  );
}

function short(text: string): string {
  return text.length > 26 ? `${text.slice(0, 25)}…` : text;
}

function graphOf(state: LockState): LockGraphParts {
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  const add = (who: Holder | LockWaiter): string => {
    const id = `party ${party(who) ?? partyText(who)}`;
    nodes.set(id, {
      title: who.label,
      detail: `${who.owner === '' ? '' : `${who.owner} · `}${who.host} ${who.pid}`,
      type: 'party',
      isStuck: isStuck(who, state),
    });
    return id;
  };
  for (const lock of drawnLocks(state)) {
    const id = `lock ${lock.name}`;
    const isCircle = isInCircle(lock, state);
    nodes.set(id, { title: lock.name, detail: lock.kind, type: 'lock', isStuck: isCircle, link: linkTo('object', lock.name) });
    for (const holder of lock.holders.slice(0, DRAWN_WAITERS)) {
      const mark = isCircle && isStuck(holder, state) ? 'stuck' : isLong(holder, lock) ? 'long' : undefined;
      edges.push({ from: id, to: add(holder), label: `held ${duration(holder.heldMs)}`, type: 'held', mark });
    }
    const [drawn, rest] = [lock.waiters.slice(0, DRAWN_WAITERS), lock.waiting - Math.min(DRAWN_WAITERS, lock.waiters.length)];
    for (const waiter of drawn) {
      const mark = isCircle && isStuck(waiter, state) ? 'stuck' : undefined;
      edges.push({ from: add(waiter), to: id, label: `waits ${duration(waiter.waitedMs)}`, type: 'waits', mark });
    }
    if (rest > 0) {
      nodes.set(`rest ${lock.name}`, { title: `${rest} more`, detail: 'wait behind them', type: 'rest', isStuck: false });
      edges.push({ from: `rest ${lock.name}`, to: id, label: '', type: 'waits' });
    }
  }
  return { nodes, edges };
}

/** The locks with waiters: those in circles first, then by the number of waiters. */
function drawnLocks(state: LockState): LockInfo[] {
  const weight = (lock: LockInfo): number => (lock.waiters.some((who) => isStuck(who, state)) ? 1e9 : 0) + lock.waiting;
  return state.locks
    .filter(({ waiting }) => waiting > 0)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, DRAWN_LOCKS);
}

/** The graph in words. */
function described(edges: readonly GraphEdge[], nodes: LockGraphParts['nodes']): string {
  return edges.map(({ from, to, label }) => `${nodes.get(from)!.title} ${label} ${nodes.get(to)!.title}`).join('; ');
}
