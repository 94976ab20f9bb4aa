const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A number for people, with commas. */
export function count(number: number): string {
  return WHOLE.format(number);
}

/** A number for an axis: three digits at most, and a unit. */
export function brief(number: number): string {
  if (number >= 999_500) return `${(number / 1e6).toPrecision(3)}M`;
  if (number >= 9_995) return `${(number / 1e3).toPrecision(3)}k`;
  return number >= 10 || Number.isInteger(number) ? WHOLE.format(number) : number.toFixed(1);
}

/** Milliseconds for people. */
export function milliseconds(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms >= 10 ? Math.round(ms) : ms.toPrecision(2)} ms`;
}
