import type { RowResult } from '../row.js';
import { figure, linesOf, reached, verdict } from './format.js';

/** Prints a row as soon as it is measured. */
export function printRow(result: RowResult): void {
  const lines = linesOf(result);
  console.log(`\n${result.row} (${result.unit}): ${result.work}${result.spinners ? '; a spinner on each core' : ''}`);
  for (const { name, role, figure: value, ratio, spread } of lines) {
    const compared = ratio === '' ? '' : `  ratio ${ratio} (${spread})`;
    console.log(`  ${`${name}${role === 'ours' ? '' : `, ${role}`}`.padEnd(44)}${value.padStart(12)}${compared}`);
  }
  for (const target of result.targets) console.log(`  target ${verdict(target)}`);
  for (const note of result.notes) console.log(`  note: ${note}`);
}

/** Prints all rows in short, one line per target. */
export function printSummary(results: readonly RowResult[]): void {
  const header = ['row', 'commonhold', 'unit', 'target', 'outcome'];
  const body = results.flatMap((result) =>
    result.targets.map((target) => [
      result.row,
      figure(result.ours),
      result.unit,
      `${target.atLeast} × ${target.against}`,
      reached(target),
    ]),
  );
  console.log(`\n${aligned([header, ...body])}`);
}

function aligned(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
