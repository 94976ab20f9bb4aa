import { parentPort, workerData } from 'node:worker_threads';
import { Manager } from 'commonhold';

/** The ways of a client that holds a lock. */
export type Way = 'stay' | 'exit' | 'idle' | 'wait' | 'throw' | 'busy' | 'spin' | 'spin-tied';

/** Parameters of this program, as a process or a thread. */
export interface Life {
  readonly address: string;
  /** Name of its lock; `NAME-items` is the queue that it waits on. */
  readonly name: string;
  readonly way: Way;
  readonly lease: number;
}

/** Reports to the test: as a line, or as a message of a thread. */
function say(text: string): void {
  if (parentPort) parentPort.postMessage(text);
  else console.log(text);
}

/** Blocks the event loop. */
function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

const { address, name, way, lease }: Life = parentPort ? (workerData as Life) : (JSON.parse(process.argv[2]!) as Life);
const manager = await Manager.connect(address, { lease: way === 'spin-tied' ? { ms: lease, tiedTo: 'event-loop' } : lease });
const held = await manager.lock(name).acquire();

async function sayWhetherHeld(): Promise<void> {
  // A session that has ended fails the call.
  await manager.stats().catch(() => {});
  say(held.signal.aborted ? 'lost' : 'kept');
}

const cut = new Promise((resolve) => manager.on('disconnected', resolve));
const alive = setInterval(() => {}, 60_000);
process.on('SIGCONT', () => void sayWhetherHeld());
say('holds');

if (way === 'exit') {
  await cut;
  process.exit();
} else if (way === 'idle') {
  await cut;
  clearInterval(alive);
} else if (way === 'wait') {
  const item = manager.queue<string>(`${name}-items`).get();
  await cut;
  clearInterval(alive);
  say('cut off');
  say(`got ${await item}`);
} else if (way === 'throw') {
  const resumed = new Promise<void>((resolve) => manager.on('resumed', resolve));
  const errors: string[] = [];
  process.on('uncaughtException', ({ message }) => errors.push(message));
  for (const event of ['disconnected', 'resumed'] as const) {
    manager.on(event, () => {
      throw new Error(event);
    });
  }
  await resumed;
  await sayWhetherHeld();
  say(errors.join(' '));
  clearInterval(alive);
} else if (way === 'busy') {
  // Its answer arrives while the event loop stands still, and is read after that.
  void manager.stats().catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  say('busy');
  spin(6 * lease);
  await cut;
  // The end of a lease that is over fires before this later timer.
  await new Promise((resolve) => setTimeout(resolve, 20));
  say(held.signal.aborted ? 'lost' : 'kept');
  clearInterval(alive);
} else if (way !== 'stay') {
  // The manager has read the frames sent before.
  await manager.stats();
  spin(3 * lease);
  await sayWhetherHeld();
  await manager.close();
  clearInterval(alive);
}
