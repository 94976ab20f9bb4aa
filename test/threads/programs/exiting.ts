import type { SharedDict } from 'commonhold';

/** Counts when the thread exits, by a handler that it adds in the turn in which it exits or long before. */
export default async function (dict: SharedDict<string, number>, rounds: number, early: boolean): Promise<void> {
  dict.sync.add('started', 1);
  const count = (): void => {
    for (let i = 0; i < rounds; i++) dict.sync.add('count', 1);
  };
  if (early) {
    process.on('exit', count);
    await new Promise((resolve) => setImmediate(resolve));
  } else {
    process.on('exit', count);
  }
  process.exit();
}
