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
  const positions = new Map<string, number>();
  const path: E[] = [];
  for (const start of untried.keys()) {
    if (positions.has(start)) continue;
    positions.set(start, 0);
    for (let at: string | undefined = start; at !== undefined;) {
      const edge = untried.get(at)?.pop();
      if (edge === undefined) {
        positions.set(at, -1);
        const back = path.pop();
        at = back && groupOf(back.from);
        continue;
      }
      const next = groupOf(edge.to);
      const position = positions.get(next);
      if (next === at || position === -1) continue;
      path.push(edge);
      if (position !== undefined) return path.slice(position);
      positions.set(next, path.length);
      at = next;
    }
  }
  return undefined;
}

/** Returns a shortest path from one node to another, or undefined if there is none. */
export function pathIn<E extends Edge>(edges: readonly E[], from: string, to: string): E[] | undefined {
  const leaving = byStart(edges, itself);
  /** The edge by which each node was reached. Nodes added during the loop are visited later in the same loop. */
  const reached = new Map<string, E | undefined>([[from, undefined]]);
  for (const node of reached.keys()) {
    if (node === to) break;
    for (const edge of leaving.get(node) ?? []) if (!reached.has(edge.to)) reached.set(edge.to, edge);
  }
  if (!reached.has(to)) return undefined;
  const path: E[] = [];
  for (let edge = reached.get(to); edge !== undefined; edge = reached.get(edge.from)) path.push(edge);
  return path.reverse();
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
