import type { Manager } from '../../client/connect/manager.js';
import type { QueuedItem, ItemsOptions } from '../../client/objects/queue/queued-item.js';
import type { SharedQueue } from '../../client/objects/queue/queue.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { connect, objectNamed, type InspectionFlags } from './manager.js';
import { jsonLine, jsonValue, line, rows } from './output.js';
import { duration } from './text.js';
import { jsonOf, parseValue, shown } from './values.js';

export interface PeekFlags extends InspectionFlags {
  readonly count: number;
  readonly state: ItemsOptions['state'];
}

export interface PutFlags extends InspectionFlags {
  readonly text?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly delay?: number | undefined;
  readonly id?: string | undefined;
  readonly head?: boolean | undefined;
}

/** Items that one page of `queue drop` removes. */
const PAGE = 1_000;

/** Shows items, and removes none. */
export async function peek(name: string, flags: PeekFlags): Promise<void> {
  await using manager = await connect(flags, 'queue peek');
  const items = await (await queue(manager, name)).items({ state: flags.state, count: flags.count });
  await showItems(items, flags);
}

/** Puts an item. */
export async function put(name: string, value: string, { text, priority, delay, id, head, ...flags }: PutFlags): Promise<void> {
  await using manager = await connect(flags, 'queue put');
  const isNew = await manager.queue(name).put(parseValue(value, text), { priority, delay, id, head, timeout: 0 });
  if (flags.json) jsonLine({ put: isNew });
  else line(isNew ? 'put' : `not put: the queue holds an item with the id ${JSON.stringify(id)}`);
}

/** Takes the first item for good. */
export async function take(name: string, flags: InspectionFlags & { readonly timeout: number }): Promise<void> {
  await using manager = await connect(flags, 'queue get');
  const value = await (await queue(manager, name)).get({ timeout: flags.timeout });
  if (flags.json) jsonValue(value);
  else line(shown(value));
}

/** Shows dead letters, with the reason and the queue of each. */
export async function dead(name: string, flags: PeekFlags): Promise<void> {
  await using manager = await connect(flags, 'queue dead');
  const items = await (await queue(manager, name)).items({ count: flags.count });
  await showItems(
    items.filter(({ letter }) => letter !== undefined),
    flags,
  );
}

/** Sends dead letters back to the queues that they came from. */
export async function requeue(name: string, ids: readonly string[], flags: InspectionFlags): Promise<void> {
  await using manager = await connect(flags, 'queue requeue');
  const requeued = await (await queue(manager, name)).requeue(ids.length === 0 ? {} : { ids });
  if (flags.json) jsonLine({ requeued });
  else line(`sent back ${requeued}`);
}

/** Removes items that wait or are delayed: all, or only the ones with these ids. */
export async function drop(
  name: string,
  ids: readonly string[],
  flags: InspectionFlags & { readonly all?: boolean | undefined },
): Promise<void> {
  if ((ids.length === 0) !== (flags.all === true)) throw new InvalidArgumentError('give the ids of items, or --all');
  await using manager = await connect(flags, 'queue drop');
  const from = await queue(manager, name);
  let dropped = 0;
  if (flags.all === true) dropped = await from.clear();
  for (let at = 0; at < ids.length; at += PAGE) {
    const cancelled = await Promise.all(ids.slice(at, at + PAGE).map((id) => from.cancel(id)));
    dropped += cancelled.filter(Boolean).length;
  }
  if (flags.json) jsonLine({ dropped });
  else line(`dropped ${dropped}`);
}

/** @throws NotFoundError rather than make one */
async function queue(manager: Manager, name: string): Promise<SharedQueue> {
  const { kind } = await objectNamed(manager, name);
  if (kind !== 'queue') throw new InvalidArgumentError(`"${name}" is a ${kind}, and no queue`);
  return manager.queue(name);
}

async function showItems(items: readonly QueuedItem[], flags: InspectionFlags): Promise<void> {
  if (flags.json) {
    for (const item of items) jsonLine({ ...item, value: jsonOf(item.value) });
    return;
  }
  const now = Date.now();
  const letters = items.some(({ letter }) => letter !== undefined);
  await rows(
    items,
    {
      ID: ({ id }) => id ?? '',
      PRIORITY: ({ priority }) => priority,
      ATTEMPTS: ({ attempts, letter }) => letter?.attempts ?? attempts,
      DUE: ({ due }) => duration(due && Math.max(0, due.getTime() - now)),
      ...(letters && {
        FROM: ({ letter }: QueuedItem) => letter?.queue ?? '',
        DIED: ({ letter }: QueuedItem) => (letter === undefined ? '' : `${duration(now - letter.died.getTime())} ago`),
        WHY: ({ letter }: QueuedItem) => letter?.reason ?? letter?.cause ?? '',
      }),
      VALUE: ({ value }) => shown(value),
    },
    flags,
  );
}
