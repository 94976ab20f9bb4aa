// Makes anonymous lists at the manager of COMMONHOLD_ADDRESS, and drops or keeps their proxies. With `collected`, it runs the garbage
// collector, and needs --expose-gc.
import { setTimeout as pause } from 'node:timers/promises';
import { Manager, type SharedList } from 'commonhold';

const [how, count] = [process.argv[2], Number(process.argv[3])];
const manager = await Manager.connect();
const kept: SharedList<number>[] = [];

/** A function of its own, so that no variable keeps the proxies alive. */
async function make(): Promise<void> {
  const lists = Array.from({ length: 1000 }, () => manager.list<number>());
  await Promise.all(lists.map((list) => list.push(1)));
  if (how === 'kept') kept.push(...lists);
}

for (let made = 0; made < count; made += 1000) await make();
console.log(`made ${(await manager.stats()).objects}`);
if (how === 'kept') await pause(1e9);

let left = count;
for (let round = 0; round < 500 && left > 0; round++) {
  (globalThis as unknown as { gc: () => void }).gc();
  await pause(10);
  left = (await manager.stats()).objects;
}
console.log(`left ${left}`);
await manager.close();
