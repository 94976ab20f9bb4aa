/** An edge of a graph, from one name to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/**
 * Finds a cycle by a depth-first search, in time proportional to the number of edges. Returns undefined if there is none.
 * @param groupOf returns the group of a node. The nodes of one group count as one node, and edges within it are ignored
 */
export function cycleIn<E extends Edge>(edges: readonly E[], groupOf: (node: string) => string = itself): E[] | undefined {
  const untried = byStart(edges, groupOf);
  /** Index in the path for each group on it; -1 for groups that lead into no cycle. */
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

/** Returns a shortest path from one node to another, or undefined if there is none. */
export function wayIn<E extends Edge>(edges: readonly E[], from: string, to: string): E[] | undefined {
  const leaving = byStart(edges, itself);
  /** The edge by which each node was reached. Nodes added during the loop are visited later in the same loop. */
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

/** Returns a function that names the group of a node: nodes that the edges of the cycles connect have the same group. */
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
