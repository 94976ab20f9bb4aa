import type { JSX } from 'preact';
import { duration } from '../../cli/inspection/text.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { LockInfo, LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isInCircle, isLong, isStuck, lockState, modeText, partyText, type LockState } from '../manager/locks.js';
import { usePoll } from '../manager/poll.js';
import { ErrorNote } from '../parts/dialog.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo } from '../route.js';

/** The holders and waiters of the locks with matching names. */
export function LockList({ match }: { match: string }): JSX.Element {
  const polled = usePoll((abort) => lockState(match, abort), [match]);
  return (
    <section class="card">
      <div class="bar">
        <h2>Holders and waiters</h2>
      </div>
      {polled.error !== undefined && <ErrorNote error={polled.error} />}
      <LockTable state={polled.value} />
    </section>
  );
}

/** A holder or waiter, in the order in which a lock is served. */
interface PartyRow {
  readonly lock: LockInfo;
  readonly who: Holder | LockWaiter;
  readonly role: 'holds' | 'waits';
  readonly ms: number;
  readonly isFirst: boolean;
  readonly note: string;
}

export function LockTable({ state }: { state: LockState | undefined }): JSX.Element {
  return (
    <Table
      label="Holders and waiters"
      columns={COLUMNS}
      rows={state?.locks.flatMap((lock) => rowsOf(lock, state))}
      keyOf={({ lock, who, role }) => `${lock.name} ${role} ${'token' in who ? who.token : `${partyText(who)} ${who.sessionId}`}`}
      classOf={({ isFirst }) => (isFirst ? 'first' : undefined)}
      empty="No lock is held or waited for."
    />
  );
}

function rowsOf(lock: LockInfo, state: LockState): PartyRow[] {
  const isCircle = isInCircle(lock, state);
  const holders = lock.holders.map((who): PartyRow => {
    const note = isLong(who, lock) ? 'long, while others wait' : '';
    return { lock, who, role: 'holds', ms: who.heldMs, isFirst: false, note };
  });
  const waiters = lock.waiters.map((who): PartyRow => ({
    lock,
    who,
    role: 'waits',
    ms: who.waitedMs,
    isFirst: false,
    note: isCircle && isStuck(who, state) ? 'in a circle' : '',
  }));
  return [...holders, ...waiters].map((row, index) => ({ ...row, isFirst: index === 0 }));
}

const COLUMNS: readonly Column<PartyRow>[] = [
  { title: 'Lock', cell: ({ lock, isFirst }) => isFirst && <a href={linkTo('object', lock.name)}>{lock.name}</a> },
  { title: 'Kind', cell: ({ lock, isFirst }) => isFirst && <span class="kind">{lock.kind}</span> },
  { title: '', cell: ({ role }) => <span class={role}>{role}</span> },
  { title: 'Who', wide: true, cell: ({ who }) => partyText(who) },
  { title: 'Mode', cell: ({ who }) => modeText(who) },
  { title: 'For', isNumber: true, cell: ({ ms }) => duration(ms) },
  { title: 'Lease', isNumber: true, isExtra: true, cell: ({ who }) => ('leaseRemainingMs' in who ? duration(who.leaseRemainingMs) : '') },
  { title: 'Note', cell: ({ note }) => <span class="warn">{note}</span> },
];
