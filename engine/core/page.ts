import { InvalidArgumentError } from '../../proto/errors.js';

const DEFAULT_PAGE = 1000;
const LARGEST_PAGE = 10_000;
/** A page ends after the item with which it reaches this size. */
export const PAGE_BYTES = 1024 * 1024;

/** Returns the number of items of a page; 0 asks for the default. */
export function pageSize(asked: number): number {
  return asked === 0 ? DEFAULT_PAGE : Math.min(asked, LARGEST_PAGE);
}

/** Encodes two numbers as a page token. */
export function pageToken(a: number, b: number): string {
  return `${a}.${b}`;
}

export function parsePageToken(token: string): readonly [number, number] | undefined {
  if (token === '') return undefined;
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(token);
  if (match === null)
    throw new InvalidArgumentError(`"${token.slice(0, 40)}" is not a page token: give the next_page_token of the last page`);
  return [Number(match[1]), Number(match[2])];
}
