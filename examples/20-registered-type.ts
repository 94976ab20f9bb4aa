// A user's class in the manager: worker processes call its methods, with their types.
import { Manager, RemoteError } from 'commonhold';
import type { Leaderboard } from './20-registered-type.types.js';

await using manager = await Manager.start({ register: new URL('./20-registered-type.types.js', import.meta.url) });

const board = manager.object<Leaderboard>('Leaderboard', 'board');

const worker = new URL('./20-registered-type.worker.js', import.meta.url);
const workers = ['Ada', 'Grace', 'Linus'].map((player, index) =>
  manager.fork<typeof import('./20-registered-type.worker.js')>(worker, board, player, 10 + index),
);
await Promise.all(workers.map(({ result }) => result));

console.log(await board.size(), 'players, the best of them:', await board.top(2));

// An error thrown by a method arrives with its name, message and code, and with the manager's stack in its cause.
try {
  await board.score('Ada', -1);
} catch (error) {
  if (!(error instanceof RemoteError)) throw error;
  console.log(`${error.name} ${error.code}: ${error.message}`);
}
