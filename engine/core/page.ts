import { InvalidArgumentError } from '../../proto/errors.js';

const DEFAULT_PAGE = 1000;
const LARGEST_PAGE = 10_000;
/** A page ends behind the item with which it reaches this many bytes. */
export const PAGE_BYTES = 1024 * 1024;

/** How many things a page has, where the caller asked for so many; 0 leaves it to us. */
export function pageSize(asked: number): number {
  return asked === 0 ? DEFAULT_PAGE : Math.min(asked, LARGEST_PAGE);
}

/** Two numbers as a page token, and back; an empty token gives undefined. */
export function pageToken(a: number, b: number): string {
  return `${a}.${b}`;
}

export function parsePageToken(token: string): readonly [number, number] | undefined {
  if (token === '') return undefined;
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(token);
  if (match === null) throw new InvalidArgumentError(`"${token.slice(0, 40)}" is no page token: give what the last page answered`);
  return [Number(match[1]), Number(match[2])];
}
