import { openSync } from 'node:fs';
import { Arena, TimeoutError } from 'commonhold';

// A program that is started with few descriptors: prints its main thread's view of a lock that a living thread holds, while no file can be
// opened.
const say = (what: unknown): void => void process.stdout.write(`${String(what)}\n`);
const arena = Arena.create();
const [lock, taken] = [arena.lock('lock'), arena.event('taken')];
arena.thread<typeof import('./holding.js')>(new URL('./holding.js', import.meta.url), lock, taken, 'stay');
await taken.wait();
try {
  for (;;) openSync('/dev/null', 'r');
} catch (error) {
  say((error as NodeJS.ErrnoException).code);
}
try {
  lock.sync.acquire({ timeout: 300 });
  say('taken');
} catch (error) {
  say(error instanceof TimeoutError ? 'held' : error);
}
say(arena.stats().threads);
process.exit();
