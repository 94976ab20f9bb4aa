/// <reference lib="es2024.sharedmemory" />
/** Two threads that send a number back and forth in two words of memory, only by wait and notify. */
import { isMainThread, workerData } from 'node:worker_threads';
import { serveThread } from '../workers/crew.js';
import { pingAwaiting, pingFor, pong, pongAwaiting, servePings, type PingRole } from '../workers/ping-pong.js';
import { secondsOf } from '../workers/serve.js';

interface Work {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly role: PingRole;
  /** Kind of the wait: Atomics.wait, or Atomics.waitAsync. */
  readonly wait: 'sync' | 'async';
}

/** Value of an empty word. */
const EMPTY = -1;

if (isMainThread) await lead(process.argv[2] as Work['wait']);
else follow(workerData as Work);

async function lead(wait: Work['wait']): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer(8)).fill(EMPTY);
  await servePings(new URL(import.meta.url), (role) => ({ data: { words, role, wait } satisfies Work }));
}

function follow({ words, role, wait }: Work): void {
  const [incoming, outgoing] = role === 'ping' ? [0, 1] : [1, 0];
  if (wait === 'sync') {
    serveThread((request) => (role === 'ping' ? pingFor(secondsOf(request), send, take) : pong(send, take)));
  } else {
    serveThread((request) => (role === 'ping' ? pingAwaiting(secondsOf(request), send, takeLater) : pongAwaiting(send, takeLater)));
  }

  function send(n: number): void {
    Atomics.store(words, outgoing, n);
    Atomics.notify(words, outgoing, 1);
  }
  // Reads again after each wake-up: the notify for a value that was found without waiting may wake the next wait.
  function take(): number {
    for (;;) {
      const n = Atomics.exchange(words, incoming, EMPTY);
      if (n !== EMPTY) return n;
      Atomics.wait(words, incoming, EMPTY);
    }
  }
  async function takeLater(): Promise<number> {
    for (;;) {
      const n = Atomics.exchange(words, incoming, EMPTY);
      if (n !== EMPTY) return n;
      await Atomics.waitAsync(words, incoming, EMPTY).value;
    }
  }
}
