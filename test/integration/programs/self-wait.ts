// Acquires a lock, and runs a task under it as if it did not hold it.
import { Manager } from 'commonhold';

const manager = await Manager.start();
const door = manager.lock('door');
const held = await door.acquire();
manager.on('warning', ({ type, cycle }) => {
  console.log(type, cycle.map(({ object }) => object).join());
  // A listener is called before the line is written.
  setImmediate(() => void held.release());
});
await door.run(() => {});
await manager.close();
