import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { ManagerService, type ObjectInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { size } from '../../cli/inspection/text.js';
import { call } from '../manager/call.js';
import { usePoll } from '../manager/poll.js';
import { queueOptions } from '../manager/queue-options.js';
import { count } from '../parts/counts.js';
import { ErrorNote } from '../parts/dialog.js';
import { Pager, usePages } from '../parts/pager.js';
import { Spark } from '../parts/plot.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo } from '../route.js';

const PAGE_SIZE = 100;
/** Depths that are kept of each queue: a minute. */
const KEPT = 60;

/** All queues, each with its depth over the last minute. */
export function Queues(): JSX.Element {
  const pages = usePages([]);
  const depths = useRef(new Map<string, number[]>());
  const page = usePoll(
    async (abort) => {
      const listed = await call(
        ManagerService.methods.listObjects,
        { kind: 'queue', match: '', pageToken: pages.token, pageSize: PAGE_SIZE },
        abort,
      );
      const before = depths.current;
      depths.current = new Map(listed.objects.map(({ name, size }) => [name, [...(before.get(name) ?? []).slice(1 - KEPT), size]]));
      return listed;
    },
    [pages.token],
  );
  const columns: readonly Column<ObjectInfo>[] = [
    { title: 'Name', wide: true, cell: ({ name }) => <a href={linkTo('object', name)}>{name}</a> },
    { title: 'Last minute', cell: ({ name }) => <Spark values={depths.current.get(name) ?? []} label={`depth of ${name}`} /> },
    { title: 'Waiting', isNumber: true, cell: ({ size }) => count(size) },
    { title: 'Delayed', isNumber: true, cell: ({ options }) => count(queueOptions(options).delayed) },
    { title: 'Delivered', isNumber: true, cell: ({ options }) => count(queueOptions(options).delivered) },
    { title: 'Capacity', isNumber: true, isExtra: true, cell: ({ options }) => queueOptions(options).capacity ?? '' },
    { title: 'Bytes', isNumber: true, isExtra: true, cell: ({ bytes }) => size(bytes) },
    { title: 'Waiting calls', isNumber: true, cell: ({ waiters }) => count(waiters) },
    { title: 'State', cell: ({ options }) => <State options={options} /> },
    { title: 'Dead letters go to', isExtra: true, cell: ({ options }) => <DeadLetters options={options} /> },
  ];
  return (
    <>
      <div class="bar">
        <h1>Queues</h1>
        <Pager pages={pages} next={page.value?.nextPageToken} />
      </div>
      {page.error !== undefined && <ErrorNote error={page.error} />}
      <div class="card">
        <Table
          label="Queues"
          columns={columns}
          rows={page.value?.objects}
          keyOf={({ name }) => name}
          empty={'There are no queues yet. A program makes one by its first put: manager.queue("jobs").put(job).'}
        />
      </div>
    </>
  );
}

function State({ options }: { options: ObjectInfo['options'] }): JSX.Element {
  const { isPaused, isShutDown } = queueOptions(options);
  if (isShutDown) return <span class="warn">shut down</span>;
  return isPaused ? <span class="warn">paused</span> : <span class="muted">open</span>;
}

function DeadLetters({ options }: { options: ObjectInfo['options'] }): JSX.Element | null {
  const { deadLetters } = queueOptions(options);
  return deadLetters === undefined ? null : <a href={linkTo('object', deadLetters)}>{deadLetters}</a>;
}
