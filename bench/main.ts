/** `make bench`: measures the rows named on the command line, or all of them, beside their peers. */
import { parseArgs } from 'node:util';
import { FULL, measureRow, QUICK } from './harness.js';
import { printRow, printSummary } from './report/console.js';
import { writeDocument } from './report/document.js';
import { keepResults } from './report/results.js';
import type { Row, RowResult } from './row.js';
import { rows } from './rows/index.js';

// Daemons and workers inherit it. Outside production, the client freezes copies, which costs time.
process.env['NODE_ENV'] = 'production';
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

if (options.list) for (const { name, work } of rows) console.log(`${name.padEnd(24)}${work}`);
else await run(chosenRows(positionals));

async function run(chosen: readonly Row[]): Promise<void> {
  const results: RowResult[] = [];
  for (const row of chosen) {
    try {
      const measured = await measureRow(row, options.quick ? QUICK : FULL, interrupted.signal);
      measured.forEach(printRow);
      results.push(...measured);
    } catch (error) {
      process.exitCode = 1;
      if (interrupted.signal.aborted) break;
      console.error(`${row.name} could not be measured:`, error);
    }
  }
  if (results.length === 0) return;
  printSummary(results);
  await writeDocument(await keepResults(results));
}

/** Returns the rows of a name: the row itself and its parts, such as `start-import` for `start`, or four rows for `shared-dict`. */
function chosenRows(names: readonly string[]): readonly Row[] {
  if (names.length === 0) return rows;
  const unknown = names.filter((name) => !rows.some((row) => row.name === name || row.partOf === name));
  if (unknown.length > 0) {
    console.error(`No such row: ${unknown.join(', ')}. There are: ${rows.map((row) => row.name).join(', ')}.`);
    process.exit(2);
  }
  return rows.filter((row) => names.some((name) => row.name === name || row.partOf === name));
}
