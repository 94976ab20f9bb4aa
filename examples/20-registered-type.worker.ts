import type { RemoteObject } from 'commonhold';
import type { Leaderboard } from './20-registered-type.types.js';

export default async function play(board: RemoteObject<Leaderboard>, player: string, rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round++) await board.score(player, round);
}
