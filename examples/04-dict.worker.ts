import type { SharedDict } from 'commonhold';

export default async function addSquare(squares: SharedDict<number, number>, n: number): Promise<void> {
  await squares.set(n, n * n);
}
