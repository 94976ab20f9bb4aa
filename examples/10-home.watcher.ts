import { setTimeout as pause } from 'node:timers/promises';
import { Manager } from 'commonhold';

/** Reads the counter until it is full, as if it were an object of the manager. */
export default async function watch(address: string, full: number): Promise<{ seen: number; keys: number; steady: boolean }> {
  await using manager = await Manager.connect(address);
  const samples = manager.value('samples', 0);
  let [seen, steady] = [0, true];
  while (seen < full) {
    const now = await samples.get();
    steady &&= now >= seen;
    seen = now;
    await pause(5);
  }
  return { seen, keys: await manager.dict('histogram').size(), steady };
}
