import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { size } from '../../cli/inspection/text.js';
import { ManagerService, type SlowCall } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { call } from '../manager/call.js';
import { executionMs, MethodRates, type MethodRate } from '../manager/methods.js';
import { usePoll } from '../manager/poll.js';
import { brief, count, milliseconds } from '../parts/counts.js';
import { ErrorNote } from '../parts/dialog.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo } from '../route.js';

/** Time between two looks at the rates of methods, in milliseconds: the text with all metrics takes the manager some. */
const RATES_MS = 3_000;
/** Methods in the table: the busiest ones. */
const SHOWN_METHODS = 8;

/** The methods that were called, the busiest first. */
export function Methods(): JSX.Element {
  const rates = useRef(new MethodRates());
  useEffect(() => () => void (executionMs.value = undefined), []);
  const polled = usePoll((abort) => rates.current.look(abort), [], RATES_MS);
  return (
    <section class="card">
      <h2>Methods</h2>
      {polled.error !== undefined && <ErrorNote error={polled.error} />}
      <Table
        label="Methods"
        columns={METHODS}
        rows={polled.value?.slice(0, SHOWN_METHODS)}
        keyOf={({ method }) => method}
        empty="No method was called yet."
      />
    </section>
  );
}

const METHODS: readonly Column<MethodRate>[] = [
  { title: 'Method', wide: true, cell: ({ method }) => method },
  { title: 'Calls/s', isNumber: true, cell: ({ perSecond }) => brief(perSecond) },
  { title: 'Mean time', isNumber: true, cell: ({ meanMs }) => (meanMs === undefined ? '' : milliseconds(meanMs)) },
  { title: 'Busy', isNumber: true, cell: ({ share }) => `${(share * 100).toFixed(1)} %` },
  { title: 'Calls', isNumber: true, cell: ({ total }) => count(total) },
];

/** The last calls that took long, the latest first. */
export function SlowCalls(): JSX.Element {
  const polled = usePoll((abort) => call(ManagerService.methods.listSlowCalls, { pageToken: '', pageSize: 0 }, abort), [], RATES_MS);
  return (
    <section class="card">
      <h2>Slow calls</h2>
      {polled.error !== undefined && <ErrorNote error={polled.error} />}
      <Table
        label="Slow calls"
        columns={SLOW}
        rows={polled.value?.calls}
        keyOf={({ number }) => String(number)}
        empty="No call took long. Calls from 100 ms on are kept here; serve --slow-call MS sets another limit."
      />
    </section>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });

const SLOW: readonly Column<SlowCall>[] = [
  { title: 'At', cell: ({ atMs }) => CLOCK.format(atMs) },
  { title: 'Took', isNumber: true, cell: ({ tookMs }) => <span class="warn">{milliseconds(tookMs)}</span> },
  { title: 'Method', cell: ({ method }) => method.replace(/^commonhold\.v1\./, '') },
  { title: 'Object', cell: ({ object }) => object !== '' && <a href={linkTo('object', object)}>{object}</a> },
  { title: 'Request', isNumber: true, cell: ({ requestBytes }) => size(requestBytes) },
  { title: 'Client', wide: true, cell: ({ label }) => label },
  { title: 'Token', isExtra: true, cell: ({ token = '' }) => token },
];
