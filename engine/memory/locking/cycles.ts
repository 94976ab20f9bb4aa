/** An edge of a graph, from one name to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/**
 * A cycle of edges, found depth first in time that grows with their number; undefined where there is none.
 * @param groupOf names the group of a node: nodes of one group count as one, and edges within it as none
 */
export function cycleIn<E extends Edge>(edges: readonly E[], groupOf: (node: string) => string = itself): E[] | undefined {
  const untried = byStart(edges, groupOf);
  /** Groups on the way with their places on it; of those that lead into no cycle, -1. */
  const places = new Map<string, number>();
  const way: E[] = [];
  for (const start of untried.keys()) {
    if (places.has(start)) continue;
    places.set(start, 0);
    for (let at: string | undefined = start; at !== undefined;) {
      const edge = untried.get(at)?.pop();
      if (edge === undefined) {
        places.set(at, -1);
        const back = way.pop();
        at = back && groupOf(back.from);
        continue;
      }
      const next = groupOf(edge.to);
      const place = places.get(next);
      if (next === at || place === -1) continue;
      way.push(edge);
      if (place !== undefined) return way.slice(place);
      places.set(next, way.length);
      at = next;
    }
  }
  return undefined;
}

/** A shortest way along edges from one node to another; undefined where there is none. */
export function wayIn<E extends Edge>(edges: readonly E[], from: string, to: string): E[] | undefined {
  const leaving = byStart(edges, itself);
  /** The edge by which each node was reached; what is reached comes later in the same loop. */
  const reached = new Map<string, E | undefined>([[from, undefined]]);
  for (const node of reached.keys()) {
    if (node === to) break;
    for (const edge of leaving.get(node) ?? []) if (!reached.has(edge.to)) reached.set(edge.to, edge);
  }
  if (!reached.has(to)) return undefined;
  const way: E[] = [];
  for (let edge = reached.get(to); edge !== undefined; edge = reached.get(edge.from)) way.push(edge);
  return way.reverse();
}

/** The nodes that edges of some cycles join, as a function that names the group of each. */
export function groupsOf(cycles: readonly (readonly Edge[])[]): (node: string) => string {
  const above = new Map<string, string>();
  const groupOf = (node: string): string => {
    let group = node;
    for (let next = above.get(group); next !== undefined; next = above.get(group)) group = next;
    return group;
  };
  for (const { from, to } of cycles.flat()) {
    const [a, b] = [groupOf(from), groupOf(to)];
    if (a !== b) above.set(a, b);
  }
  return groupOf;
}

function byStart<E extends Edge>(edges: readonly E[], groupOf: (node: string) => string): Map<string, E[]> {
  const starts = new Map<string, E[]>();
  for (const edge of edges) {
    const start = groupOf(edge.from);
    const others = starts.get(start);
    if (others) others.push(edge);
    else starts.set(start, [edge]);
  }
  return starts;
}

function itself(node: string): string {
  return node;
}
