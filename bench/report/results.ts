import { readFile, writeFile } from 'node:fs/promises';
import { sourceFile } from '../machine.js';
import type { RowResult } from '../row.js';
import { rows } from '../rows/index.js';

const FILE = 'bench/results.json';

/** Writes what was measured over what is known; rows that were not measured now keep their figures. */
export async function keepResults(measured: readonly RowResult[]): Promise<RowResult[]> {
  const fresh = new Set(measured.map((result) => result.row));
  const kept = (await knownResults()).filter((result) => !fresh.has(result.row));
  const all = inTableOrder([...kept, ...measured]);
  await writeFile(sourceFile(FILE), `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

async function knownResults(): Promise<RowResult[]> {
  try {
    return JSON.parse(await readFile(sourceFile(FILE), 'utf8')) as RowResult[];
  } catch {
    // The first run, or a file that was edited to death: it is only ever written from here.
    return [];
  }
}

/** Each row is followed by itself with spinners; rows that are no more are dropped. */
function inTableOrder(results: readonly RowResult[]): RowResult[] {
  return rows.flatMap(({ name }) => results.filter(({ row }) => row === name || row === `${name}+spinners`));
}
