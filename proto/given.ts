import { inspect } from 'node:util';

/**
 * Formats a value that a caller gave, or a name, within a line for people: a text in quotes, and an object as it is, where `String` would
 * throw or hide it.
 */
export function quoted(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity });
}

/** Returns true for a number within bounds. A comparison alone takes texts for numbers too, and throws on symbols. */
export function isNumber(value: unknown, least: number, most = Infinity): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}
