import type { Barrier, Condition, Event, SharedArray, SharedValue } from 'commonhold';

/** State guarded by the condition: whose turn it is, and how many are inside. */
export interface Door {
  /** The next ticket to be let in: in the order in which they were drawn, so that no visitor is skipped. */
  readonly serving: number;
  readonly readers: number;
  readonly writing: boolean;
}

/** A text that many may read at once, and one may change alone. */
export interface Library {
  readonly turn: Condition;
  readonly door: SharedValue<Door>;
  readonly tickets: SharedValue<number>;
  /** The text. A writer changes its pages one by one, from one edition to the next. */
  readonly pages: SharedArray<'i32'>;
  /** Visitors inside, counted without the condition: a reader counts 1, a writer `WRITER`. */
  readonly inside: SharedValue<number>;
  /** All readers, at their first visit. */
  readonly met: Barrier;
  /** Set to let writers begin. */
  readonly opened: Event;
}

/** Observations of a visitor. */
export interface Visit {
  /** Visitors inside, itself included: when it came, and when it left. */
  readonly inside: readonly [number, number];
  /** The edition of each page, read one by one. */
  readonly pages: readonly number[];
  /** The first page at the time it drew its ticket, which tells how many writers went before it. */
  readonly asked: number;
}

export const WRITER = 1000;

type Role = 'reader' | 'writer';

/** Visits the library `rounds` times, and returns its observations. */
export default async function (role: Role, rounds: number, library: Library): Promise<Visit[]> {
  const visits: Visit[] = [];
  if (role === 'reader') {
    visits.push(await visit(role, library, () => library.met.wait()));
    await library.opened.set();
  } else {
    await library.opened.wait();
  }
  while (visits.length < rounds) visits.push(await visit(role, library));
  return visits;
}

async function visit(role: Role, library: Library, meet?: () => Promise<unknown>): Promise<Visit> {
  const asked = await enter(role, library);
  const weight = role === 'writer' ? WRITER : 1;
  const came = await library.inside.add(weight);
  await meet?.();
  const pages = role === 'writer' ? await write(library) : await read(library);
  const left = await library.inside.get();
  await library.inside.add(-weight);
  await leave(role, library);
  return { inside: [came, left], pages, asked };
}

async function read({ pages }: Library): Promise<number[]> {
  const read: number[] = [];
  for (let page = 0; page < (await pages.length()); page++) read.push(await pages.get(page));
  return read;
}

async function write(library: Library): Promise<number[]> {
  const editions = await read(library);
  for (const [page, edition] of editions.entries()) await library.pages.set(page, edition + 1);
  return editions;
}

/** Waits for its turn, and for visitors to leave that exclude it. Returns the first page at the time it asked. */
async function enter(role: Role, { turn, door, tickets, pages }: Library): Promise<number> {
  await using held = await turn.acquire();
  const [asked, ticket] = await Promise.all([pages.get(0), tickets.add(1)]);
  await turn.waitFor(held, async () => {
    const { serving, readers, writing } = await door.get();
    return serving === ticket && !writing && (role === 'reader' || readers === 0);
  });
  const { readers } = await door.get();
  await door.set({ serving: ticket + 1, readers: role === 'reader' ? readers + 1 : 0, writing: role === 'writer' });
  await turn.notifyAll(held);
  return asked;
}

async function leave(role: Role, { turn, door }: Library): Promise<void> {
  await using held = await turn.acquire();
  const { serving, readers } = await door.get();
  await door.set({ serving, readers: role === 'reader' ? readers - 1 : 0, writing: false });
  await turn.notifyAll(held);
}
