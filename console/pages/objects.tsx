import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { duration, size } from '../../cli/inspection/text.js';
import { ManagerService, type ObjectInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { call } from '../manager/call.js';
import { usePoll } from '../manager/poll.js';
import { count } from '../parts/counts.js';
import { ErrorNote } from '../parts/dialog.js';
import { Pager, usePages } from '../parts/pager.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo, replaceParameters, route } from '../route.js';

const PAGE_SIZE = 100;
/** The kinds of objects. Their services would make the console twice as large. */
const KINDS: Readonly<Record<Kind, true>> = {
  array: true,
  barrier: true,
  condition: true,
  dict: true,
  event: true,
  list: true,
  lock: true,
  namespace: true,
  object: true,
  pipe: true,
  queue: true,
  rlock: true,
  rwlock: true,
  semaphore: true,
  set: true,
  value: true,
};

/** All objects, with search. */
export function Objects(): JSX.Element {
  const { parameters } = route.value;
  const [search, setSearch] = useState(parameters.get('search') ?? '');
  const [kind, setKind] = useState(parameters.get('kind') ?? '');
  const pages = usePages([search, kind]);
  const page = usePoll(
    (abort) =>
      call(ManagerService.methods.listObjects, { kind, match: patternOf(search), pageToken: pages.token, pageSize: PAGE_SIZE }, abort),
    [search, kind, pages.token],
  );
  const filter = (next: { search?: string; kind?: string }): void => {
    const all = { search, kind, ...next };
    setSearch(all.search);
    setKind(all.kind);
    replaceParameters(all);
  };
  return (
    <>
      <div class="bar">
        <h1>Objects</h1>
        <input
          type="search"
          value={search}
          placeholder="Search names: job, or job.*.done"
          aria-label="Search names"
          aria-keyshortcuts="/"
          spellcheck={false}
          onInput={({ currentTarget }) => filter({ search: currentTarget.value })}
        />
        <select value={kind} aria-label="Kind" onChange={({ currentTarget }) => filter({ kind: currentTarget.value })}>
          <option value="">all kinds</option>
          {Object.keys(KINDS).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <Pager pages={pages} next={page.value?.nextPageToken} />
      </div>
      {page.error !== undefined && <ErrorNote error={page.error} />}
      <div class="card">
        <Table
          label="Objects"
          columns={COLUMNS}
          rows={page.value?.objects}
          keyOf={({ name }) => name}
          empty={
            search === '' && kind === ''
              ? 'There are no objects yet. A program makes one by its first use: manager.dict("scores").set("alice", 3).'
              : 'No object matches. Search for a part of a name, or choose another kind.'
          }
        />
      </div>
    </>
  );
}

/** A part of a name is searched anywhere in it; a pattern is taken as it is. */
function patternOf(search: string): string {
  return search === '' || search.includes('*') ? search : `*${search}*`;
}

const COLUMNS: readonly Column<ObjectInfo>[] = [
  { title: 'Name', wide: true, cell: ({ name }) => <a href={linkTo('object', name)}>{name}</a> },
  { title: 'Kind', cell: ({ kind }) => <span class="kind">{kind}</span> },
  { title: 'Size', isNumber: true, cell: ({ size }) => count(size) },
  { title: 'Bytes', isNumber: true, cell: ({ bytes }) => size(bytes) },
  { title: 'Held', isNumber: true, cell: ({ holders }) => some(holders.length) },
  { title: 'Waiting', isNumber: true, cell: ({ waiters }) => some(waiters) },
  { title: 'Age', isNumber: true, cell: ({ ageMs }) => duration(ageMs) },
  { title: 'Ends in', isNumber: true, isExtra: true, cell: ({ expiresInMs }) => duration(expiresInMs) },
  { title: 'Options', isExtra: true, cell: ({ options }) => <span class="muted">{optionsText(options)}</span> },
];

/** A number that is 0 most of the time. */
function some(number: number): JSX.Element | string {
  return number === 0 ? <span class="muted">0</span> : count(number);
}

export function optionsText(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
