/** A text that shows if it is torn. */
export function whole(length: number): string {
  return `${length}:${String.fromCharCode(97 + (length % 26)).repeat(length)}`;
}

export function isWhole(text: unknown): boolean {
  return typeof text === 'string' && text === whole(Number.parseInt(text, 10));
}
