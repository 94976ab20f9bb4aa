import { inspect } from 'node:util';

/** Formats an object of this package for `console.log`, in one line: `SharedDict { 'scores' at unix:/run/… }`. */
export function shown(object: object, state: string): string {
  return `${object.constructor.name} { ${state} }`;
}

/** Formats a name or any other value within such a line. */
export function quoted(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity });
}
