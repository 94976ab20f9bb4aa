import type { ComponentChildren, JSX, TargetedKeyboardEvent } from 'preact';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** True for numbers, which stand at the right in figures of one width. */
  readonly isNumber?: boolean;
  /** Part of the width that the column takes; the others take as much as their content needs. */
  readonly wide?: boolean;
  /** True for a column that narrow windows leave out. */
  readonly isExtra?: boolean;
}

interface TableProps<Row> {
  /** Says to people who cannot see it which table this is. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined until they have been read. */
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  readonly classOf?: (row: Row) => string | undefined;
  /** Shown instead of rows if there are none: says what to do next. */
  readonly empty: ComponentChildren;
}

/** A dense table. The arrow keys go from row to row, along the first link or button of each. */
export function Table<Row>({ label, columns, rows, keyOf, classOf, empty }: TableProps<Row>): JSX.Element {
  if (rows === undefined) return <div class="empty">Looking …</div>;
  if (rows.length === 0) return <div class="empty">{empty}</div>;
  const classes = ({ isNumber, wide, isExtra }: Column<Row>): string =>
    [isNumber && 'number', wide && 'wide', isExtra && 'extra'].filter(Boolean).join(' ');
  return (
    <div class="scroll">
      <table aria-label={label} onKeyDown={moveByArrow}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classes(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={classOf?.(row)}>
              {columns.map((column) => (
                <td key={column.title} class={classes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

function moveByArrow(event: TargetedKeyboardEvent<HTMLTableElement>): void {
  const step = STEPS[event.key];
  const row = (event.target as HTMLElement).closest('tr');
  if (step === undefined || row === null || (event.target as HTMLElement).matches('input')) return;
  const rows = [...event.currentTarget.tBodies[0]!.rows];
  focusRow(rows[step(rows.indexOf(row), rows.length)]);
  event.preventDefault();
}

export function focusRow(row: Element | null | undefined): void {
  row?.querySelector<HTMLElement>('a, button, input')?.focus();
}
