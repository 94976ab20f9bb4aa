import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cycleIn, groupsOf, pathIn, type Edge } from '../../../engine/memory/locking/cycles.js';
import { stress } from '../../support/stress.js';

const node = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const edges = fc.array(fc.record<Edge>({ from: node, to: node }), { maxLength: 14 });

/** The nodes that can be reached from a node by one or more edges. */
function reachable(all: readonly Edge[], from: string): Set<string> {
  const reached = new Set<string>();
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    for (const edge of all) if (edge.from === from || reached.has(edge.from)) reached.add(edge.to);
  }
  return reached;
}

/** Expects these edges to lead from one node to the other. */
function expectPath(all: readonly Edge[], path: readonly Edge[], from: string, to: string): void {
  for (const edge of path) expect(all).toContain(edge);
  let at = from;
  for (const edge of path) {
    expect(edge.from).toBe(at);
    at = edge.to;
  }
  expect(at).toBe(to);
}

describe('cycles of edges', () => {
  const apart = edges.map((all) => all.filter(({ from, to }) => from !== to));

  test('are found if they exist, and only then', () => {
    fc.assert(
      fc.property(apart, (all) => {
        const cycle = cycleIn(all);
        const some = all.some(({ from, to }) => reachable(all, to).has(from));
        expect(cycle !== undefined).toBe(some);
        if (cycle === undefined) return;
        expectPath(all, cycle, cycle[0]!.from, cycle[0]!.from);
        expect(new Set(cycle.map(({ from }) => from)).size).toBe(cycle.length);
      }),
      { numRuns: stress(500, 2000) },
    );
  });

  test('are found of groups, one of whose edges leads back to its start', () => {
    fc.assert(
      fc.property(apart, fc.array(fc.tuple(node, node), { maxLength: 3 }), (all, pairs) => {
        const joined = pairs
          .filter(([a, b]) => a !== b)
          .map(([from, to]) => [
            { from, to },
            { from: to, to: from },
          ]);
        const groupOf = groupsOf(joined);
        const between = all.filter(({ from, to }) => groupOf(from) !== groupOf(to));
        const full = [...all, ...joined.flat()];
        const cycle = cycleIn(all, groupOf);
        expect(cycle !== undefined).toBe(between.some(({ from, to }) => reachable(full, to).has(from)));
        if (cycle === undefined) return;
        for (const edge of cycle) expect(between).toContain(edge);
        const [first] = cycle;
        expectPath(full, pathIn(full, first!.to, first!.from)!, first!.to, first!.from);
      }),
      { numRuns: stress(500, 2000) },
    );
  });
});

test('a shortest path is found if one exists', () => {
  fc.assert(
    fc.property(edges, node, node, (all, from, to) => {
      const path = pathIn(all, from, to);
      expect(path !== undefined).toBe(from === to || reachable(all, from).has(to));
      if (path === undefined) return;
      expectPath(all, path, from, to);
      // No node occurs twice: the nodes before the end are all different, and no shorter path leads to any of them.
      expect(new Set(path.map((edge) => edge.from)).size).toBe(path.length);
      path.forEach((edge, index) => expect(pathIn(all, from, edge.from)).toHaveLength(index));
    }),
    { numRuns: stress(500, 2000) },
  );
});
