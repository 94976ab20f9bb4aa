import type { RowResult, TargetResult } from '../row.js';

/** One contender of a row, as the reports show it. */
export interface Line {
  readonly name: string;
  readonly role: 'ours' | 'peer' | 'limit';
  readonly figure: string;
  /** Empty for commonhold. */
  readonly ratio: string;
  readonly spread: string;
}

/** Returns commonhold first, then the peers, then the limits. */
export function linesOf(result: RowResult): Line[] {
  const ours: Line = {
    name: 'commonhold',
    role: 'ours',
    figure: figure(result.ours),
    ratio: '',
    spread: '',
  };
  const others = (role: Line['role'], figures: Readonly<Record<string, number>>): Line[] =>
    Object.entries(figures).map(([name, value]) => {
      const { min = NaN, max = NaN } = result.spread[name] ?? {};
      return {
        name,
        role,
        figure: figure(value),
        ratio: ratio(result.ratios[name] ?? NaN),
        spread: `${ratio(min)}..${ratio(max)}`,
      };
    });
  return [ours, ...others('peer', result.peers), ...others('limit', result.limits)];
}

/** Formats a result as "0.8 × http2 ping-pong: reached: no, 0.67 of 0.8". */
export function verdict(target: TargetResult): string {
  return `${target.atLeast} × ${target.against}: ${reached(target)}`;
}

/** Formats a result as "reached: yes, 4.20 of 4". */
export function reached({ ratio: measured, reached: yes, atLeast }: TargetResult): string {
  if (measured === null) return 'nothing to measure against';
  return `reached: ${yes === true ? 'yes' : 'no'}, ${ratio(measured)} of ${atLeast}`;
}

/** Formats a figure with separated thousands; small figures, such as milliseconds, keep a decimal. */
export function figure(value: number): string {
  const digits = value < 1_000 ? 1 : 0;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Formats a ratio, rounded down, so that a ratio just short of its target does not look as if it had reached it. */
export function ratio(value: number): string {
  const digits = value < 10 ? 2 : 1;
  return (Math.floor(value * 10 ** digits) / 10 ** digits).toFixed(digits);
}
