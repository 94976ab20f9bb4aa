import type { State } from '../../../proto/state.js';
import { Writer } from '../../../proto/wire/writer.js';
import { PAGE_BYTES } from '../../core/page.js';
import { isUndumped, type Captured } from './capture.js';
import { callsOf } from './rebuild.js';

/** Bytes that a page has beside the request of a call: the name of its method, lengths, a part of the message around it. */
export const BESIDE_REQUEST = 100;

/** Bytes of the message around a page. */
const AROUND_PAGE = 100;

/** Bytes of the items that one call carries, if messages can have them. */
const PORTION_BYTES = 64 * 1024;

/** Sizes of the pages and calls of a dump, which messages have to carry: pages to the dump, calls to the manager that loads it. */
export class DumpSizes {
  readonly pageBytes: number;
  /** Of the items of one call. The rest of the message has room for the name, for keys as UTF-8, and for lengths. */
  readonly portionBytes: number;

  constructor(private readonly maxMessageBytes: number) {
    this.pageBytes = Math.min(PAGE_BYTES, maxMessageBytes - AROUND_PAGE);
    this.portionBytes = Math.min(PORTION_BYTES, Math.floor(maxMessageBytes / 4));
  }

  /** Returns an object as it is, or the reason for which it cannot be dumped: one of its calls is larger than a page can be. */
  fitting(captured: Captured): Captured {
    if (isUndumped(captured) || this.#surelyFits(captured)) return captured;
    const writer = new Writer();
    for (const { request } of callsOf(captured, writer, this.portionBytes)) {
      const bytes = request.length + BESIDE_REQUEST + AROUND_PAGE;
      if (bytes <= this.maxMessageBytes) continue;
      const { kind, name } = captured;
      const remedy = 'give the manager a larger --max-payload, or dump its data directory';
      return {
        kind,
        name,
        reason: `a value in it takes a message of ${bytes} bytes, and messages have at most ${this.maxMessageBytes}: ${remedy}`,
      };
    }
    return captured;
  }

  /** True if even a call with several of the longest texts would fit, so that the calls need not be made to know it. */
  #surelyFits(captured: Captured): boolean {
    return LONGEST_TEXTS * longestIn(captured) + SMALL_FIELDS <= this.maxMessageBytes;
  }
}

/** A call has a name, a key and a value, each with up to 3 bytes for a character, and portions leave room for as much. */
const LONGEST_TEXTS = 16;
const SMALL_FIELDS = 4000;

/** Returns the length of the longest text or bytes. */
function longestIn(state: State): number {
  if (typeof state === 'string' || state instanceof Uint8Array) return state.length;
  if (typeof state === 'bigint') return state.toString(16).length;
  if (typeof state !== 'object' || state === null) return 0;
  let longest = 0;
  for (const part of Array.isArray(state) ? (state as readonly State[]) : Object.values(state as object)) {
    longest = Math.max(longest, longestIn(part as State));
  }
  return longest;
}
