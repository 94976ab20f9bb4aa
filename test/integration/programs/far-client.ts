import { parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { Manager, type ManagerError } from 'commonhold';

/**
 * The ways of a client on another host, which holds a lock: it stays, with its event loop free, busy for three leases, or busy until it was
 * stopped for a lease; counts in `NAME-count`, and waits for the lock `NAME-gate`; connects and closes; or does all in a thread that it
 * terminates. With `wait` it only waits for the lock.
 */
export type Way = 'stay' | 'spin' | 'spin-tied' | 'spin-stopped' | 'count' | 'wait' | 'close' | 'thread';

/** Parameters of this program. */
export interface FarLife {
  readonly address: string;
  /** Name of its lock. */
  readonly name: string;
  readonly way: Way;
  readonly lease: number;
}

/** Reports to the test, with the time on the clock that all processes share. */
function say(text: string): void {
  console.log(`${text} at ${process.hrtime.bigint()}`);
}

const life: FarLife = parentPort ? (workerData as FarLife) : (JSON.parse(process.argv[2]!) as FarLife);
const { address, name, way, lease } = life;

if (way === 'thread') {
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { ...life, way: 'stay' } satisfies FarLife });
  process.once('SIGUSR1', () => void thread.terminate().then(() => say('terminated')));
  setInterval(() => {}, 60_000);
} else {
  process.on('worker', (worker: Worker) => {
    say('thread started');
    worker.once('exit', () => say('thread ended'));
  });
  const manager = await Manager.connect(address, { lease: way === 'spin-tied' ? { ms: lease, tiedTo: 'event-loop' } : lease });
  for (const event of ['disconnected', 'resumed', 'expired'] as const) manager.on(event, () => say(event));
  setInterval(() => {}, 60_000);
  if (way === 'wait') {
    say('holds nothing');
    await manager
      .lock(name)
      .acquire()
      .then(
        () => say('granted'),
        (error: unknown) => say(`not granted: ${(error as ManagerError).code}`),
      );
    process.exit();
  }
  const held = await manager.lock(name).acquire();
  held.signal.addEventListener('abort', () => say('lost'));
  const sayWhetherHeld = (): void => say(held.signal.aborted ? 'it is lost' : 'it is held');
  process.on('SIGCONT', sayWhetherHeld);
  say('holds');
  if (way === 'spin' || way === 'spin-tied') {
    for (const end = performance.now() + 3 * lease; performance.now() < end;);
    say('spun');
    // Fails if the session was lost.
    await held.release().then(
      () => say('released'),
      () => say('not released'),
    );
  } else if (way === 'spin-stopped') {
    for (let last = performance.now(), now = last; now - last < lease; now = performance.now()) last = now;
    // Its event loop has not turned since.
    sayWhetherHeld();
  } else if (way === 'count') {
    const passed = manager.lock(`${name}-gate`).acquire();
    void passed.then(async (gate) => {
      say(`passed under ${gate.token}`);
      await gate.release();
    });
    let count = 0;
    let over = false;
    process.once('SIGUSR1', () => (over = true));
    while (!over) {
      await manager.dict<string, number>(`${name}-count`).add('count', 1);
      count++;
    }
    await held.release();
    say(`counted ${count}`);
  } else if (way === 'close') {
    const second = await Manager.connect(address, { lease });
    await second.close();
    say('closed one');
    await manager.close();
    say('closed both');
  }
}
