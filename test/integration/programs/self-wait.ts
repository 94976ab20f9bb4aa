// Acquires locks, and runs a task under each as if it did not hold it; and one for reading, under which it waits to write. The locks are in the
// manager, in memory of this process that others can reach, and in an arena.
import { Arena, Manager } from 'commonhold';

const manager = await Manager.start();
manager.on('warning', ({ type, cycle }) => console.log(type, cycle.map(({ object }) => object).join()));
const [door, window, page] = [manager.lock('door'), manager.lock('window'), manager.rwlock('page')];
const drawer = manager.lock('drawer', { home: 'process' });
const locks = [
  [door, door],
  [window, window],
  [page.read, page.write],
  [drawer, drawer],
] as const;
for (const [first, second] of locks) {
  const held = await first.acquire();
  // A listener is called before the line is written.
  manager.on('warning', () => setImmediate(() => void held[Symbol.asyncDispose]()));
  await second.run(() => {});
}
await manager.close();

const arena = Arena.create();
const [gate, hatch] = [arena.lock('gate'), arena.lock('hatch')];
const held = [await gate.acquire(), hatch.sync.acquire({ timeout: 0 })];
const running = [gate.run(() => {}), hatch.run(() => {})];
// An arena has no events. Its own timers, of a second, come first.
setTimeout(() => held.forEach((hold) => void hold.release()), 1100);
await Promise.all(running);
await arena.close();
