/** An owner that holds or waits, or a session without owners. */
interface LockParty {
  /** Empty for a unary call. */
  readonly sessionId: string;
  readonly owner?: string | undefined;
}

interface Contended {
  readonly holders: readonly LockParty[];
  readonly waiters: readonly LockParty[];
}

/** Identifies a party. Undefined for unary calls without an owner, of which two may be two callers. */
export function party({ sessionId, owner = '' }: LockParty): string | undefined {
  return sessionId === '' && owner === '' ? undefined : JSON.stringify([sessionId, owner]);
}

/** Returns the parties that wait for each other in a circle, over these locks. */
export function deadlocked(locks: readonly Contended[]): ReadonlySet<string | undefined> {
  const waitsFor = new Map<string, Set<string>>();
  for (const { holders, waiters } of locks) {
    const held = holders.map(party).filter((holder) => holder !== undefined);
    for (const waiter of waiters.map(party)) {
      if (waiter === undefined) continue;
      const known = waitsFor.get(waiter) ?? new Set<string>();
      waitsFor.set(waiter, known);
      for (const holder of held) known.add(holder);
    }
  }
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const next = [...(waitsFor.get(from) ?? [])];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (at === to) return true;
      if (!seen.has(at)) next.push(...(waitsFor.get(at) ?? []));
      seen.add(at);
    }
    return false;
  };
  return new Set([...waitsFor.keys()].filter((each) => reaches(each, each)));
}
