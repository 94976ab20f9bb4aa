import type { Barrier, SharedArray, SharedList } from 'commonhold';

/** Conway's Game of Life on a torus, as processes share it. */
export interface Life {
  readonly width: number;
  readonly height: number;
  readonly generations: number;
  /** The even generations and the odd ones: one is read while the other is written. */
  readonly fields: readonly [SharedArray<'u8'>, SharedArray<'u8'>];
  /** Where all processes meet at the end of each generation. */
  readonly barrier: Barrier;
  /** Number of living cells in each generation, counted by the first process at the barrier. */
  readonly populations: SharedList<number>;
}

/** Computes the rows from `first` up to and without `end`, in step with the other processes. Returns its indexes at the barrier. */
export default async function (life: Life, first: number, end: number): Promise<number[]> {
  const { width, height, generations, fields, barrier, populations } = life;
  const indexes: number[] = [];
  for (let generation = 0; generation < generations; generation++) {
    const [from, to] = generation % 2 === 0 ? fields : [fields[1], fields[0]];
    const read = (row: number): Promise<Uint8Array> => from.read(wrap(row, height) * width, (wrap(row, height) + 1) * width);
    const rows = await Promise.all(Array.from({ length: end - first + 2 }, (_, index) => read(first - 1 + index)));
    for (let row = first; row < end; row++) await to.write(row * width, nextRow(rows, row - first + 1));
    const index = await barrier.wait();
    indexes.push(index);
    // The others may be one generation ahead, and write the other field.
    if (index === 0) await populations.push((await to.read()).reduce((sum, cell) => sum + cell, 0));
  }
  return indexes;
}

/** The next generation of one of these rows, which lie one below the other. */
export function nextRow(rows: readonly Uint8Array[], at: number): Uint8Array {
  const row = rows[at]!;
  return row.map((alive, x) => {
    let neighbours = -alive;
    for (const other of [rows[at - 1]!, row, rows[at + 1]!]) {
      for (const shift of [-1, 0, 1]) neighbours += other[wrap(x + shift, row.length)]!;
    }
    return neighbours === 3 || (neighbours === 2 && alive === 1) ? 1 : 0;
  });
}

/** A position on the torus. */
export function wrap(place: number, length: number): number {
  return (place + length) % length;
}
