import { inspect } from 'node:util';

/** An object of this package as `console.log` shows it, in one line: `SharedDict { 'scores' at unix:/run/… }`. */
export function shown(object: object, state: string): string {
  // A class that refers to itself gets another name in the bundle.
  return `${object.constructor.name.replace(/^_/, '')} { ${state} }`;
}

/** A name, or any other value, within such a line. */
export function quoted(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity });
}
