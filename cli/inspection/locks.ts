import type { HolderInfo } from '../../client/locking/holder.js';
import type { WaiterInfo, WaitForGraph } from '../../client/locking/graph.js';
import type { SessionInfo } from '../../client/connect/info.js';
import { connect, type InspectionFlags } from './manager.js';
import { jsonLine, line, rows } from './output.js';
import { deadlocked, party } from './cycles.js';
import { duration, visible } from './text.js';

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
