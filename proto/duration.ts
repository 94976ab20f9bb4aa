const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Formats a measured time for people, with about two figures: `12 ms`, `1.5 s`, `25 min`, `3.2 d`. */
export function duration(ms: number): string {
  const rounded = Math.round(ms);
  for (const [unit, size] of UNITS) {
    if (rounded < size) continue;
    const count = rounded / size;
    return `${count < 10 ? Math.floor(count * 10) / 10 : Math.floor(count)} ${unit}`;
  }
  return `${rounded} ms`;
}
