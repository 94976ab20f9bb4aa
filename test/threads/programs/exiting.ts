import type { SharedDict } from 'commonhold';

/** End of the thread: it exits, with a handler that it added in that turn or before, or its function returns. */
export type Ending = 'exits at once' | 'exits later' | 'returns';

/** Counts in an exit handler of the thread. */
export default async function (dict: SharedDict<string, number>, rounds: number, ending: Ending): Promise<void> {
  dict.sync.add('started', 1);
  process.on('exit', () => {
    for (let i = 0; i < rounds; i++) dict.sync.add('count', 1);
  });
  if (ending === 'exits later') await new Promise((resolve) => setImmediate(resolve));
  if (ending !== 'returns') process.exit();
}
