import { visible } from './text.js';
import { jsonOf } from './values.js';

/** A column of a table: its heading, and its text in a row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string | number>>;

/** Writes a line to standard output. */
export function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a value as a line of JSON. */
export function jsonLine(value: unknown): void {
  line(JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)));
}

/** Writes a shared value as a line of JSON. */
export function jsonValue(value: unknown): void {
  jsonLine(jsonOf(value));
}

/** Writes rows: each as a line of JSON, or all as a table. Numbers stand at the right. */
export async function rows<Row extends object>(
  from: AsyncIterable<Row> | Iterable<Row>,
  columns: Columns<Row>,
  { json = false }: { readonly json?: boolean | undefined },
): Promise<void> {
  const all: Row[] = [];
  for await (const row of from) {
    if (json) jsonLine(row);
    else all.push(row);
  }
  if (!json) for (const text of table(all, columns)) line(text);
}

/** The lines of a table, the first of which is the heading. */
export function table<Row>(all: readonly Row[], columns: Columns<Row>): string[] {
  const cells = all.map((row) => Object.values(columns).map((cell) => cell(row)));
  const texts = [Object.keys(columns), ...cells.map((row) => row.map((cell) => visible(String(cell))))];
  const widths = texts[0]!.map((_, column) => Math.max(...texts.map((row) => row[column]!.length)));
  const isNumber = texts[0]!.map((_, column) => cells.length > 0 && cells.every((row) => typeof row[column] === 'number'));
  return texts.map((row) =>
    row
      .map((text, column) => (isNumber[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
