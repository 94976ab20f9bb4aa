import { readFile, writeFile } from 'node:fs/promises';
import { sourceFile } from '../machine.js';
import type { RowResult } from '../row.js';
import { rows } from '../rows/index.js';

const FILE = 'bench/results.json';

/** Writes the measured rows over the known ones; rows that were not measured now keep their figures. */
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
    // The first run, or a damaged file: only this function writes it.
    return [];
  }
}

/** Orders the rows as the table does, each followed by its result with spinners, and drops rows that no longer exist. */
function inTableOrder(results: readonly RowResult[]): RowResult[] {
  return rows.flatMap(({ name }) => results.filter(({ row }) => row === name || row === `${name}+spinners`));
}
