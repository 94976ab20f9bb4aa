import type { HolderInfo } from '../../client/locking/holder.js';
import type { LockInfo, WaiterInfo, WaitForGraph } from '../../client/locking/graph.js';
import type { SessionInfo } from '../../client/connect/info.js';
import { connect, type InspectionFlags } from './manager.js';
import { jsonLine, line, rows } from './output.js';
import { duration, visible } from './values.js';

/** Shows who holds locks and permits, and who waits for them. */
export async function locks(flags: InspectionFlags): Promise<void> {
  await using manager = await connect(flags, 'locks');
  const graph = await manager.locks();
  if (flags.json) graph.locks.forEach(jsonLine);
  else lockLines(graph).forEach(line);
}

/** Lists the open sessions. */
export async function sessions(flags: InspectionFlags): Promise<void> {
  await using manager = await connect(flags, 'sessions');
  const columns = {
    LABEL: ({ label }: SessionInfo) => label,
    HOST: ({ host }: SessionInfo) => host,
    PID: ({ pid }: SessionInfo) => pid,
    TOKEN: ({ token }: SessionInfo) => token ?? '',
    LEASE: ({ lease }: SessionInfo) => duration(lease),
    WAITING: ({ waiting }: SessionInfo) => waiting,
    HOLDS: ({ holds }: SessionInfo) => holds,
    KEPT: ({ keptAnswers }: SessionInfo) => keptAnswers,
    ID: ({ id }: SessionInfo) => id,
  };
  await rows(manager.sessions(), columns, flags);
}

/** A line for each lock, and under it one for each holder and each waiter. Waits that can never end say so. */
export function lockLines({ locks }: WaitForGraph): string[] {
  const stuck = deadlocked(locks);
  return locks.flatMap((lock) => [
    `${visible(lock.name)} (${lock.kind})`,
    ...lock.holders.map((holder) => `  held     by ${who(holder)} for ${duration(holder.heldFor)}${lease(holder)}`),
    ...(lock.held > lock.holders.length ? [`  …        and ${lock.held - lock.holders.length} more`] : []),
    ...lock.waiters.map(
      (waiter) => `  wanted   by ${who(waiter)} for ${duration(waiter.waitingFor)}${stuck.has(party(waiter)) ? ', in a circle' : ''}`,
    ),
    ...(lock.waiting > lock.waiters.length ? [`  …        and ${lock.waiting - lock.waiters.length} more`] : []),
  ]);
}

function who({ label, host, pid, owner, mode, permits }: HolderInfo | WaiterInfo): string {
  const details = [owner && `owner ${owner}`, mode, permits !== undefined && `${permits} permits`].filter(Boolean);
  return visible(`${label} (${host} ${pid}${details.length > 0 ? `, ${details.join(', ')}` : ''})`);
}

function lease({ leaseRemaining }: HolderInfo): string {
  return leaseRemaining === undefined ? '' : `, its lease ends in ${duration(leaseRemaining)}`;
}

/** One that holds and waits: an owner, or a session without owners. */
function party({ sessionId, owner }: HolderInfo | WaiterInfo): string {
  return JSON.stringify([sessionId, owner]);
}

/** The parties that wait for each other in a circle. */
function deadlocked(locks: readonly LockInfo[]): ReadonlySet<string> {
  const waitsFor = new Map<string, Set<string>>();
  for (const { holders, waiters } of locks) {
    for (const waiter of waiters) {
      const held = waitsFor.get(party(waiter)) ?? new Set<string>();
      waitsFor.set(party(waiter), held);
      for (const holder of holders) held.add(party(holder));
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
