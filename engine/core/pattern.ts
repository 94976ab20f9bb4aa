import { LONGEST_NAME } from './object-name.js';
import type { Steps } from './steps.js';

/**
 * Returns a function that tests names against a pattern, in which * stands for any run of characters; the empty pattern matches all names.
 * A pattern that asks for more characters than a name can have matches none, and is not taken apart, however large it is.
 * Each part matches at its first occurrence, without backtracking, and is found in linear time, whatever names and pattern a client chooses.
 */
export function pattern(match: string): (name: string) => boolean {
  if (match === '') return () => true;
  if (asksForMore(match)) return () => false;
  const [first, ...rest] = match.split(/\*+/) as [string, ...string[]];
  const last = rest.pop();
  const parts = rest.map(finder);
  if (last === undefined) return (name) => name === match;
  return (name) => {
    const end = name.length - last.length;
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const endOf of parts) {
      at = endOf(name, at);
      if (at < 0) return false;
    }
    return at <= end;
  };
}

/** Returns true if a pattern has more characters, beside its stars, than any name. */
function asksForMore(match: string): boolean {
  if (match.length <= LONGEST_NAME) return false;
  let characters = 0;
  for (let at = 0; at < match.length && characters <= LONGEST_NAME; at++) if (match[at] !== '*') characters++;
  return characters > LONGEST_NAME;
}

/** True for a pattern with parts that can be anywhere in a name, so that its test reads the whole name; others read its beginning and its end. */
export function searches(match: string): boolean {
  return /\*[^*]+\*/.test(match);
}

/** Number of names in a step. The slowest pattern and names of 1,024 characters take a millisecond for them. */
const TESTED = 128;

/** Tests names ahead, in steps. Returns the test that {@link pattern} returns, which has the outcomes for these names. */
export function* tested(match: string, names: readonly string[]): Steps<(name: string) => boolean> {
  const matches = pattern(match);
  const outcomes = new Map<string, boolean>();
  for (const name of names) {
    outcomes.set(name, matches(name));
    if (outcomes.size % TESTED === 0) yield;
  }
  return (name) => outcomes.get(name) ?? matches(name);
}

/** Length up to which `indexOf` is used, which is the fastest, but may compare each character with each of the part. */
const SHORT = 8;

/** Returns a function that finds the end of the first occurrence of a part from a position on; -1 if there is none. */
function finder(part: string): (name: string, from: number) => number {
  const { length } = part;
  if (length <= SHORT) {
    return (name, from) => {
      const found = name.indexOf(part, from);
      return found < 0 ? -1 : found + length;
    };
  }
  // As Knuth, Morris and Pratt do: no character of the name is read again.
  const shorter = borders(part);
  return (name, from) => {
    for (let at = from, matched = 0; at < name.length; at++) {
      while (matched > 0 && name.charCodeAt(at) !== part.charCodeAt(matched)) matched = shorter[matched - 1]!;
      if (name.charCodeAt(at) === part.charCodeAt(matched)) matched++;
      if (matched === length) return at + 1;
    }
    return -1;
  };
}

/** Returns, for each beginning of a text, the length of the longest shorter one that it ends with. */
function borders(text: string): number[] {
  const lengths = [0];
  for (let at = 1, length = 0; at < text.length; at++) {
    while (length > 0 && text.charCodeAt(at) !== text.charCodeAt(length)) length = lengths[length - 1]!;
    if (text.charCodeAt(at) === text.charCodeAt(length)) length++;
    lengths.push(length);
  }
  return lengths;
}
