import type { JSX } from 'preact';
import { linkTo } from '../route.js';
import { written, type Piece } from './written.js';

/** Characters of a value in a row of a table. */
const IN_ROW = 240;
/** Characters of a value that is shown by itself. */
const ALONE = 200_000;

/** A value in one line, which its row cuts off. */
export function ValueLine({ value }: { value: unknown }): JSX.Element {
  return <code class="value line">{written(value, IN_ROW).map(piece)}</code>;
}

/** All of a value. */
export function ValueText({ value }: { value: unknown }): JSX.Element {
  return (
    <pre class="value" tabIndex={0} aria-label="value">
      {written(value, ALONE, true).map(piece)}
    </pre>
  );
}

function piece({ text, type, to }: Piece): JSX.Element | string {
  if (to !== undefined) return <a href={linkTo('object', to)}>{text}</a>;
  return type === undefined ? text : <span class={`v-${type}`}>{text}</span>;
}
