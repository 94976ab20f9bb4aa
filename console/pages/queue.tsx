import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { duration } from '../../cli/inspection/text.js';
import { DEAD_LETTER_CAUSES, ITEM_STATES, type ItemStateName } from '../../engine/core/queue-orders.js';
import type { ObjectInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { QueueService, type QueuedItem } from '../../proto/gen/commonhold/v1/queue_wire.js';
import { call } from '../manager/call.js';
import { usePoll } from '../manager/poll.js';
import { queueOptions } from '../manager/queue-options.js';
import { ConfirmedAction } from '../parts/confirm.js';
import { brief, count } from '../parts/counts.js';
import { Dialog, ErrorNote } from '../parts/dialog.js';
import { Pager, usePages } from '../parts/pager.js';
import { Plot } from '../parts/plot.js';
import { Table, type Column } from '../parts/table.js';
import { linkTo } from '../route.js';
import { stored } from '../values/payload.js';
import { ValueLine, ValueText } from '../values/value.js';

const PAGE_SIZE = 100;
/** Letters that one call sends back: more would keep other clients waiting. */
const REQUEUED_AT_ONCE = 10_000;
/** Depths that are kept. */
const KEPT = 600;

interface Depth {
  readonly at: number;
  readonly waiting: number;
  readonly delayed: number;
  readonly delivered: number;
}

/** A queue: its depth over time, its items in each state, and all that can be done with them. */
export function Queue({ info }: { info: ObjectInfo }): JSX.Element {
  const { name, options } = info;
  const { isPaused, delayed, delivered, deadLetters } = queueOptions(options);
  const [depths, setDepths] = useState<readonly Depth[]>([]);
  useEffect(() => {
    setDepths((before) => [...before.slice(1 - KEPT), { at: Date.now() / 1_000, waiting: info.size, delayed, delivered }]);
  }, [info]);
  return (
    <>
      <Plot
        title="Items"
        times={depths.map(({ at }) => at)}
        format={brief}
        lines={[
          { label: 'waiting', color: 1, values: depths.map(({ waiting }) => waiting) },
          { label: 'delayed', color: 2, values: depths.map(({ delayed }) => delayed) },
          { label: 'delivered', color: 3, values: depths.map(({ delivered }) => delivered) },
        ]}
      />
      {deadLetters !== undefined && (
        <p class="hint">
          Items that fail too often go to the queue <a href={linkTo('object', deadLetters)}>{deadLetters}</a>.
        </p>
      )}
      <Items name={name} totals={{ waiting: info.size, delayed, delivered }} isPaused={isPaused} />
    </>
  );
}

interface ItemsProps {
  readonly name: string;
  readonly totals: Readonly<Record<ItemStateName, number>>;
  readonly isPaused: boolean;
}

function Items({ name, totals, isPaused }: ItemsProps): JSX.Element {
  const [state, setState] = useState<ItemStateName>('waiting');
  const [opened, setOpened] = useState<QueuedItem>();
  const pages = usePages([state]);
  const start = Number(pages.token);
  const page = usePoll(
    (abort) => call(QueueService.methods.items, { name, state: ITEM_STATES.indexOf(state), start, count: PAGE_SIZE }, abort),
    [state, start],
  );
  const { items } = page.value ?? {};
  const end = start + (items?.length ?? 0);
  const next = end < (page.value?.total ?? 0) ? String(end) : '';
  const hasLetters = items?.some(({ letter }) => letter !== undefined) === true;
  const toggle = async (): Promise<void> => {
    await call(isPaused ? QueueService.methods.resume : QueueService.methods.pause, { name });
  };
  return (
    <section class="card">
      <div class="bar">
        <div class="tabs" role="group" aria-label="State of the items">
          {(['waiting', 'delayed', 'delivered'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={each === state} onClick={() => setState(each)}>
              {each} <b>{count((each === state ? page.value?.total : undefined) ?? totals[each])}</b>
            </button>
          ))}
        </div>
        <span class="space" />
        <ConfirmedAction
          label={isPaused ? 'Resume …' : 'Pause …'}
          question={
            isPaused ? 'Hand out items to consumers again?' : 'Stop handing out items, to all consumers, until it is resumed? Puts go on.'
          }
          run={toggle}
        />
        {hasLetters && (
          <ConfirmedAction
            label="Send all back …"
            question="Send all dead letters back to the queues that they came from, where they are tried again?"
            run={() => requeueAll(name)}
          />
        )}
        <ConfirmedAction
          label="Drop all …"
          isDangerous
          disabled={totals.waiting + totals.delayed === 0}
          question={`Remove the ${count(totals.waiting)} waiting and ${count(totals.delayed)} delayed items for good? Delivered items stay with their consumers.`}
          run={() => call(QueueService.methods.clear, { name })}
        />
        <Pager pages={pages} next={next} />
      </div>
      {page.error !== undefined && <ErrorNote error={page.error} />}
      <Table
        label={`Items that are ${state}`}
        columns={columnsOf(hasLetters, state, setOpened)}
        rows={items?.map((item, index) => ({ item, place: start + index }))}
        keyOf={({ place }) => String(place)}
        empty={EMPTY[state]}
      />
      {opened !== undefined && (
        <ItemDialog
          name={name}
          item={opened}
          state={state}
          close={() => {
            setOpened(undefined);
            page.again();
          }}
        />
      )}
    </section>
  );
}

const EMPTY: Readonly<Record<ItemStateName, string>> = {
  waiting: 'No item waits: consumers take each as it comes, or none was put.',
  delayed: 'No item is delayed. One is by put(item, { delay: 60_000 }).',
  delivered: 'No consumer works on an item. Consumers of queue.deliveries() do, until they acknowledge it.',
};

/** @throws the error of the first call that fails; what was sent before stays sent */
async function requeueAll(name: string): Promise<void> {
  for (;;) {
    const { requeued } = await call(QueueService.methods.requeue, { name, ids: [], max: REQUEUED_AT_ONCE });
    if (requeued < REQUEUED_AT_ONCE) return;
  }
}

interface ItemRow {
  readonly item: QueuedItem;
  /** Number of items before it in its state. */
  readonly place: number;
}

function columnsOf(hasLetters: boolean, state: ItemStateName, open: (item: QueuedItem) => void): Column<ItemRow>[] {
  return [
    {
      title: 'Place',
      isNumber: true,
      cell: ({ item, place }) => (
        <button type="button" class="link" onClick={() => open(item)}>
          {place}
        </button>
      ),
    },
    { title: 'Id', cell: ({ item }) => item.id ?? item.letter?.id ?? '' },
    { title: 'Priority', isNumber: true, isExtra: true, cell: ({ item }) => item.priority },
    { title: 'Attempts', isNumber: true, cell: ({ item }) => item.letter?.attempts ?? item.attempts },
    ...(state === 'delayed' ? [{ title: 'Due in', isNumber: true, cell: ({ item }: ItemRow) => duration(item.dueMs) }] : []),
    ...(hasLetters
      ? [
          { title: 'From', cell: ({ item }: ItemRow) => item.letter?.queue ?? '' },
          {
            title: 'Died',
            isNumber: true,
            cell: ({ item }: ItemRow) => (item.letter === undefined ? '' : `${duration(item.letter.diedAgoMs)} ago`),
          },
          { title: 'Why', cell: ({ item }: ItemRow) => <span class="warn">{why(item)}</span> },
        ]
      : []),
    { title: 'Value', wide: true, cell: ({ item }) => <ValueLine value={stored(item.value).value} /> },
  ];
}

function why({ letter }: QueuedItem): string {
  if (letter === undefined) return '';
  const cause = DEAD_LETTER_CAUSES[letter.cause];
  return (
    letter.reason ??
    (cause === 'nak' ? 'given back' : cause === 'lease' ? 'its lease ended' : cause === 'session' ? 'its session ended' : '')
  );
}

type ItemMode = 'view' | 'requeue' | 'drop';

function ItemDialog({
  name,
  item,
  state,
  close,
}: {
  name: string;
  item: QueuedItem;
  state: ItemStateName;
  close: () => void;
}): JSX.Element {
  const [mode, setMode] = useState<ItemMode>('view');
  const { id, letter } = item;
  const { value } = stored(item.value);
  if (mode === 'requeue') {
    const run = (): Promise<unknown> => call(QueueService.methods.requeue, { name, ids: [letter!.id!] });
    return (
      <Dialog key={mode} title="Send back" close={close} action={{ label: 'Send back', run }}>
        <p>
          Send the letter <b>{letter!.id}</b> back to the queue <b>{letter!.queue}</b>, where it is tried again?
        </p>
      </Dialog>
    );
  }
  if (mode === 'drop') {
    const run = (): Promise<unknown> => call(QueueService.methods.cancel, { name, id: id! });
    return (
      <Dialog key={mode} title="Drop" close={close} action={{ label: 'Drop', isDangerous: true, run }}>
        <p>
          Remove the item <b>{id}</b> for good, unless it was delivered meanwhile?
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog key={mode} title={id === undefined ? 'Item' : `Item ${id}`} close={close}>
      {letter !== undefined && (
        <p>
          It failed in <a href={linkTo('object', letter.queue)}>{letter.queue}</a> after {letter.attempts} deliveries, the first{' '}
          {duration(letter.deliveredAgoMs)} ago: <span class="warn">{why(item)}</span>
        </p>
      )}
      <ValueText value={value} />
      <div class="buttons start">
        {letter?.id !== undefined && (
          <button type="button" onClick={() => setMode('requeue')}>
            Send back …
          </button>
        )}
        {id !== undefined && state !== 'delivered' && (
          <button type="button" class="danger" onClick={() => setMode('drop')}>
            Drop …
          </button>
        )}
      </div>
      {id === undefined && state !== 'delivered' && <p class="hint">It has no id, by which it could be dropped alone.</p>}
    </Dialog>
  );
}
