import type { Caller, SessionResource } from '../../proto/contract.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Payload } from '../../proto/wire/values.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from './page.js';

/** Iterations that may be open at once; the one that rests longest makes way for a new one. */
const MOST = 1000;
/** Items that they may keep together: some 256 MB to point at them. */
const MOST_ITEMS = 32 * 1024 * 1024;

interface Snapshot extends SessionResource {
  readonly items: readonly Payload[];
  readonly owner: Caller;
}

/** One page, and the token of the next one; empty where there is none. */
export interface Page {
  values: Payload[];
  nextPageToken: string;
}

/** A page with nothing on it, and none behind it. */
export const LAST_PAGE: Page = { values: [], nextPageToken: '' };

/** Lists as they were when an iteration over them began; each lives until its last page, until it is left, or until its session's end. */
export class Snapshots {
  readonly #open = new Map<number, Snapshot>();
  #count = 0;
  #items = 0;

  /** The first page of `items`, which nobody changes any more. */
  first(items: readonly Payload[], asked: number, owner: Caller): Page {
    const page = cut(items, 0, asked);
    if (page.length === items.length) return { values: page, nextPageToken: '' };
    while (this.#open.size >= MOST || (this.#open.size > 0 && this.#items + items.length > MOST_ITEMS)) {
      this.#drop(this.#open.keys().next().value!);
    }
    const id = ++this.#count;
    this.#keep(id, { items, owner, abandon: () => this.#drop(id) });
    return { values: page, nextPageToken: pageToken(id, page.length) };
  }

  /** The page that a token of this list stands for. */
  next(token: string, asked: number): Page {
    const [id, from] = parsePageToken(token)!;
    const snapshot = this.#open.get(id);
    if (snapshot === undefined)
      throw new InvalidArgumentError('this iteration is over, or rested too long: begin again with an empty page token');
    const values = cut(snapshot.items, from, asked);
    const end = from + values.length;
    this.#drop(id);
    if (end >= snapshot.items.length) return { values, nextPageToken: '' };
    this.#keep(id, snapshot);
    return { values, nextPageToken: pageToken(id, end) };
  }

  /** Nobody asks for the pages to come. */
  leave(token: string): Page {
    const [id] = parsePageToken(token) ?? [0];
    if (this.#open.has(id)) this.#drop(id);
    return LAST_PAGE;
  }

  #keep(id: number, snapshot: Snapshot): void {
    this.#open.set(id, snapshot);
    this.#items += snapshot.items.length;
    snapshot.owner.holds.add(snapshot);
  }

  #drop(id: number): void {
    const snapshot = this.#open.get(id)!;
    this.#open.delete(id);
    this.#items -= snapshot.items.length;
    snapshot.owner.holds.delete(snapshot);
  }
}

function cut(items: readonly Payload[], from: number, asked: number): Payload[] {
  const most = Math.min(items.length, from + pageSize(asked));
  let end = from;
  for (let bytes = 0; end < most && bytes < PAGE_BYTES; end++) bytes += items[end]!.length;
  return items.slice(from, end);
}
