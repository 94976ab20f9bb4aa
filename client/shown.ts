/** Formats an object of this package for `console.log`, in one line: `SharedDict { 'scores' at unix:/run/… }`. */
export function shown(object: object, state: string): string {
  return `${object.constructor.name} { ${state} }`;
}
