import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** A line of a plot. */
export interface PlotLine {
  readonly label: string;
  /** Number of its colour, from 1. */
  readonly color: number;
  readonly values: readonly (number | undefined)[];
}

interface PlotProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  /** Text of a value. */
  readonly format: (value: number) => string;
  /** True for bytes, whose units are powers of 2. */
  readonly isBytes?: boolean;
}

const HEIGHT = 150;
/** Span of time that a plot shows, in seconds, before there is more to show. */
const SPAN = 60;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
/** Steps between the marks of an axis of bytes. */
const POWERS = Array.from({ length: 42 }, (_, power) => 2 ** power);

/** Lines over time, which grow at the right. */
export function Plot({ title, times, lines, format, isBytes = false }: PlotProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const labels = lines.map(({ label }) => label).join();
  useEffect(() => {
    const canvas = place.current!;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(canvas, lines, format, isBytes), dataOf(times, lines), canvas);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: canvas.clientWidth, height: HEIGHT }));
    resized.observe(canvas);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [labels]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times]);
  return (
    <figure class="plot">
      <figcaption>
        <span class="title">{title}</span>
        {lines.map(({ label, color, values }) => (
          <span key={label} class="legend">
            <i class={`swatch c${color}`} />
            {label} <b>{latest(values, format)}</b>
          </span>
        ))}
      </figcaption>
      <div
        ref={place}
        class="canvas"
        role="img"
        aria-label={`${title}: ${lines.map(({ label, values }) => `${label} ${latest(values, format)}`).join(', ')}`}
      />
    </figure>
  );
}

function latest(values: readonly (number | undefined)[], format: (value: number) => string): string {
  const last = values.at(-1);
  return last === undefined ? '–' : format(last);
}

function dataOf(times: readonly number[], lines: readonly PlotLine[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => values.map((value) => value ?? null))];
}

function optionsOf(place: HTMLElement, lines: readonly PlotLine[], format: (value: number) => string, isBytes: boolean): uPlot.Options {
  const style = getComputedStyle(place);
  const color = (name: string): string => style.getPropertyValue(`--${name}`);
  const axis = {
    stroke: color('muted'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: color('grid'), width: 1 },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 26, 0, 0],
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - SPAN), max] },
      y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, space: 90, size: 26, values: (_, ticks) => ticks.map((at) => CLOCK.format(at * 1_000)) },
      { ...axis, size: 58, space: 32, values: (_, ticks) => ticks.map(format), ...(isBytes && { incrs: POWERS }) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(`c${line.color}`),
        width: 1.5,
        points: { show: false },
        ...(lines.length === 1 && { fill: color(`c${line.color}-fill`) }),
      })),
    ],
  };
}

/** A small line without axes, for a row of a table. */
export function Spark({ values, label }: { values: readonly number[]; label: string }): JSX.Element {
  const most = Math.max(1, ...values);
  const points = values.map((value, index) => `${((index + 60 - values.length) * 120) / 59},${22 - (value / most) * 20}`);
  return (
    <svg class="spark" viewBox="0 0 120 24" width="120" height="24" role="img" aria-label={label}>
      {points.length > 1 && <polyline points={points.join(' ')} />}
    </svg>
  );
}
