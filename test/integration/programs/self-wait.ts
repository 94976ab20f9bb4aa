// Acquires locks, and runs a task under each as if it did not hold it.
import { Manager } from 'commonhold';

const manager = await Manager.start();
manager.on('warning', ({ type, cycle }) => console.log(type, cycle.map(({ object }) => object).join()));
for (const name of ['door', 'window']) {
  const lock = manager.lock(name);
  const held = await lock.acquire();
  // A listener is called before the line is written.
  manager.on('warning', () => setImmediate(() => void held[Symbol.asyncDispose]()));
  await lock.run(() => {});
}
await manager.close();
