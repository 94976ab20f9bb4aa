import type { JSX } from 'preact';
import { size } from '../../cli/inspection/text.js';
import type { LimitUse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { history, type StatsSample } from '../manager/history.js';
import { brief, count, milliseconds } from '../parts/counts.js';
import { Plot } from '../parts/plot.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo } from '../route.js';
import { Methods, SlowCalls } from './calls.js';

/** The manager at a glance: its load over the last minutes, its limits. */
export function Overview(): JSX.Element {
  const samples = history.value;
  const last = samples.at(-1);
  const times = samples.map(({ at }) => at);
  const values = (of: (sample: StatsSample) => number | undefined): (number | undefined)[] => samples.map(of);
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Tiles sample={last} />
      <div class="plots">
        <Plot
          title="Calls per second"
          times={times}
          format={brief}
          lines={[{ label: 'all clients', color: 1, values: values(({ callsPerSecond }) => callsPerSecond) }]}
        />
        <Plot
          title="Execution time"
          times={times}
          format={milliseconds}
          lines={[{ label: 'mean of all calls', color: 3, values: values(({ executionMs }) => executionMs) }]}
        />
        <Plot
          title="Latency from here"
          times={times}
          format={milliseconds}
          lines={[
            {
              label: 'round trip',
              color: 2,
              values: values(({ roundTrip }) => roundTrip).map((ms, index) => (index === 0 ? undefined : ms)),
            },
          ]}
        />
        <Plot
          title="Open calls"
          times={times}
          format={brief}
          lines={[
            { label: 'in sessions', color: 1, values: values(({ stats }) => stats.callsInFlight) },
            { label: 'waiting', color: 3, values: values(({ stats }) => stats.waiters) },
          ]}
        />
        <Plot
          title="Bytes on their way"
          times={times}
          format={size}
          isBytes
          lines={[
            { label: 'in flight', color: 2, values: values(({ stats }) => stats.limits.find(({ name }) => name === 'in flight')?.used) },
          ]}
        />
        <Plot
          title="Memory"
          isBytes
          times={times}
          format={size}
          lines={[
            { label: 'process', color: 1, values: values(({ stats }) => stats.residentBytes) },
            { label: 'payloads', color: 2, values: values(({ stats }) => stats.bytes) },
          ]}
        />
      </div>
      <Methods />
      <SlowCalls />
      <section class="card">
        <h2>Limits</h2>
        <Table label="Limits" columns={LIMITS} rows={last?.stats.limits} keyOf={({ name }) => name} empty="There are no limits." />
      </section>
    </>
  );
}

function Tiles({ sample }: { sample: StatsSample | undefined }): JSX.Element {
  const stats = sample?.stats;
  const tiles: readonly (readonly [title: string, value: string | undefined, page?: string])[] = [
    ['Calls/s', sample?.callsPerSecond === undefined ? undefined : count(sample.callsPerSecond)],
    ['Objects', stats && count(stats.objects), 'objects'],
    ['Payloads', stats && size(stats.bytes)],
    ['Sessions', stats && count(stats.sessions), 'sessions'],
    ['Holds', stats && count(stats.heldLocks), 'locks'],
    ['Waiting', stats && count(stats.waiters), 'locks'],
    ['Watches', stats && count(stats.watches)],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([title, value, page]) => (
        <div key={title} class="card">
          <dt>{page === undefined ? title : <a href={linkTo(page)}>{title}</a>}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

const LIMITS: readonly Column<LimitUse>[] = [
  { title: 'Limit', cell: ({ name }) => name },
  { title: 'Used', isNumber: true, cell: ({ name, used }) => amount(name, used) },
  { title: 'Most', isNumber: true, cell: ({ name, most }) => amount(name, most) },
  {
    title: '',
    wide: true,
    cell: ({ name, used, most }) => (
      <div class="use" role="meter" aria-label={`use of ${name}`} aria-valuemin={0} aria-valuemax={most} aria-valuenow={used}>
        <i class={used > most * 0.8 ? 'much' : ''} style={{ width: `${Math.min(100, (used / most) * 100)}%` }} />
      </div>
    ),
  },
  { title: 'Refused', isNumber: true, cell: ({ refused }) => <span class={refused > 0 ? 'warn' : 'muted'}>{count(refused)}</span> },
];

/** Limits of bytes are the ones of memory and of messages on their way. */
function amount(limit: string, number: number): string {
  return limit === 'memory' || limit === 'in flight' ? size(number) : count(number);
}
