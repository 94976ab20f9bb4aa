import type { Caller, SessionResource } from '../../proto/contract.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { Payload } from '../../proto/wire/values.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from './page.js';
import type { Restoring } from './restoring.js';
import { OVERHEAD, type Use } from './use.js';
import { callerState } from './state.js';

/** Limit of open iterations; a new one replaces the one unused for longest. */
const MOST = 1000;
/** Limit of the items of all open iterations: their references take about 256 MB. */
const MOST_ITEMS = 32 * 1024 * 1024;

interface Snapshot extends SessionResource {
  readonly items: readonly Payload[];
  readonly owner: Caller;
}

/** One page, and the token of the next; the token is empty on the last page. */
export interface Page {
  values: Payload[];
  nextPageToken: string;
}

/** An empty last page. */
export const LAST_PAGE: Page = { values: [], nextPageToken: '' };

/** Copies of lists for paged iteration. A copy lives until its last page is read, the iteration is left, or its session ends. */
export class Snapshots implements Stateful {
  readonly #open = new Map<number, Snapshot>();
  #count = 0;
  #items = 0;

  /** @param use counts the copies; undefined if nothing does */
  constructor(
    readonly list: string,
    private readonly use?: Use,
  ) {}

  /** The open iterations, the one unused for longest first, and the number of the last one. */
  state() {
    const open = Array.from(this.#open, ([id, { owner, items }]) => [id, callerState(owner), items] as const);
    return { count: this.#count, open };
  }

  restore({ count, open }: StateOf<Snapshots>, restoring: Restoring): void {
    this.#count = count;
    for (const [id, owner, items] of open) this.#keep(id, this.#snapshot(id, items, restoring.caller(owner)));
  }

  /**
   * Starts an iteration, and returns its first page.
   * @param items not changed afterwards
   * @throws OutOfMemoryError if there is no room for another copy
   */
  first(items: readonly Payload[], asked: number, owner: Caller): Page {
    const page = cut(items, 0, asked);
    if (page.length === items.length) return { values: page, nextPageToken: '' };
    this.use?.demandForRead(bytesOf(items));
    while (this.#open.size >= MOST || (this.#open.size > 0 && this.#items + items.length > MOST_ITEMS)) {
      this.#drop(this.#open.keys().next().value!);
    }
    const id = ++this.#count;
    this.#keep(id, this.#snapshot(id, items, owner));
    return { values: page, nextPageToken: pageToken(id, page.length) };
  }

  /** Returns the page for a token. @throws InvalidArgumentError if the iteration has ended */
  next(token: string, asked: number): Page {
    const [id, from] = parsePageToken(token)!;
    const snapshot = this.#open.get(id);
    if (snapshot === undefined)
      throw new InvalidArgumentError('this iteration has ended, or was idle too long: begin again with an empty page token');
    const values = cut(snapshot.items, from, asked);
    const end = from + values.length;
    this.#drop(id);
    if (end >= snapshot.items.length) return { values, nextPageToken: '' };
    this.#keep(id, snapshot);
    return { values, nextPageToken: pageToken(id, end) };
  }

  /** Ends the iteration of a token before its last page. */
  leave(token: string): Page {
    const [id] = parsePageToken(token) ?? [0];
    if (this.#open.has(id)) this.#drop(id);
    return LAST_PAGE;
  }

  /** Ends all iterations, because the list has ended. */
  end(): void {
    for (const id of [...this.#open.keys()]) this.#drop(id);
  }

  #snapshot(id: number, items: readonly Payload[], owner: Caller): Snapshot {
    return { items, owner, abandon: () => this.#drop(id), identity: () => ['iteration', this.list, id] };
  }

  #keep(id: number, snapshot: Snapshot): void {
    this.#open.set(id, snapshot);
    this.#items += snapshot.items.length;
    if (this.use) this.use.memory += bytesOf(snapshot.items);
    snapshot.owner.holds.add(snapshot);
  }

  #drop(id: number): void {
    const snapshot = this.#open.get(id)!;
    this.#open.delete(id);
    this.#items -= snapshot.items.length;
    if (this.use) this.use.memory -= bytesOf(snapshot.items);
    snapshot.owner.holds.delete(snapshot);
  }
}

/** Size of a copy: that of its references. */
function bytesOf(items: readonly Payload[]): number {
  return OVERHEAD.call + 8 * items.length;
}

function cut(items: readonly Payload[], from: number, asked: number): Payload[] {
  const most = Math.min(items.length, from + pageSize(asked));
  let end = from;
  for (let bytes = 0; end < most && bytes < PAGE_BYTES; end++) bytes += items[end]!.length;
  return items.slice(from, end);
}
