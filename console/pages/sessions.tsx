import type { JSX } from 'preact';
import { duration } from '../../cli/inspection/text.js';
import { ManagerService, type SessionInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { call } from '../manager/call.js';
import { usePoll } from '../manager/poll.js';
import { count } from '../parts/counts.js';
import { ErrorNote } from '../parts/dialog.js';
import { Pager, usePages } from '../parts/pager.js';
import { Table, type Column } from '../parts/table.js';

const PAGE_SIZE = 200;

/** The open sessions: the programs that use the manager. */
export function Sessions(): JSX.Element {
  const pages = usePages([]);
  const page = usePoll(
    (abort) => call(ManagerService.methods.listSessions, { pageToken: pages.token, pageSize: PAGE_SIZE }, abort),
    [pages.token],
  );
  return (
    <>
      <div class="bar">
        <h1>Sessions</h1>
        <Pager pages={pages} next={page.value?.nextPageToken} />
      </div>
      {page.error !== undefined && <ErrorNote error={page.error} />}
      <div class="card">
        <Table
          label="Sessions"
          columns={COLUMNS}
          rows={page.value?.sessions}
          keyOf={({ id }) => id}
          empty="No program is connected. One connects by Manager.connect(); this console makes calls of its own without a session."
        />
      </div>
    </>
  );
}

const COLUMNS: readonly Column<SessionInfo>[] = [
  { title: 'Label', wide: true, cell: ({ label }) => label },
  { title: 'Host', cell: ({ host }) => host },
  { title: 'Process', isNumber: true, cell: ({ pid }) => pid },
  { title: 'Token', cell: ({ token = '' }) => token },
  { title: 'Lease', isNumber: true, cell: ({ leaseMs }) => duration(leaseMs) },
  { title: 'Waiting', isNumber: true, cell: ({ waiting }) => count(waiting) },
  { title: 'Holds', isNumber: true, cell: ({ holds }) => count(holds) },
  { title: 'Kept answers', isNumber: true, isExtra: true, cell: ({ keptAnswers }) => count(keptAnswers) },
  { title: 'Id', isExtra: true, cell: ({ id }) => <code class="muted">{id}</code> },
];
