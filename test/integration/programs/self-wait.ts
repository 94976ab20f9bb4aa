// Acquires locks, and runs a task under each as if it did not hold it; and one for reading, under which it waits to write.
import { Manager } from 'commonhold';

const manager = await Manager.start();
manager.on('warning', ({ type, cycle }) => console.log(type, cycle.map(({ object }) => object).join()));
const [door, window, page] = [manager.lock('door'), manager.lock('window'), manager.rwlock('page')];
const locks = [
  [door, door],
  [window, window],
  [page.read, page.write],
] as const;
for (const [first, second] of locks) {
  const held = await first.acquire();
  // A listener is called before the line is written.
  manager.on('warning', () => setImmediate(() => void held[Symbol.asyncDispose]()));
  await second.run(() => {});
}
await manager.close();
