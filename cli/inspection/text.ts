// Texts for people, on a terminal and in the console.

/** A text without control characters. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A time for people: its largest unit, with one digit behind the point below ten. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return '';
  const [unit, length] = UNITS.find(([, length]) => ms >= length) ?? ['ms', 1];
  const count = ms / length;
  return `${unit === 'ms' || count >= 10 ? Math.round(count) : count.toFixed(1)}${unit}`;
}

/** A number of bytes for people. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? String(bytes) : `${(bytes / 1024 ** power).toFixed(1)}${['', 'k', 'M', 'G', 'T'][power]}`;
}
