/** Two threads that send a number back and forth through two queues in shared memory; the receiver always finds its queue empty. */
import { isMainThread, workerData } from 'node:worker_threads';
import { Arena, receive, share, type SharedQueue, type Transportable } from 'commonhold';
import { serveThread } from './crew.js';
import { pingAwaiting, pingFor, pong, pongAwaiting, servePings, type PingRole } from './ping-pong.js';
import { secondsOf } from './serve.js';

interface Work {
  readonly incoming: SharedQueue<number>;
  readonly outgoing: SharedQueue<number>;
  readonly role: PingRole;
  /** Kind of the wait: blocked, or by a promise. */
  readonly wait: 'sync' | 'async';
}

if (isMainThread) await lead(process.argv[2] as Work['wait']);
else follow(receive(workerData as Transportable<Work>));

async function lead(wait: Work['wait']): Promise<void> {
  await using arena = Arena.create();
  const there = await arena.queue<number>('there').create();
  const back = await arena.queue<number>('back').create();
  await servePings(new URL(import.meta.url), (role) => {
    const [incoming, outgoing] = role === 'ping' ? [back, there] : [there, back];
    return { data: share<Work>({ incoming, outgoing, role, wait }) };
  });
}

function follow({ incoming, outgoing, role, wait }: Work): void {
  const send = (n: number): void => outgoing.sync.put(n);
  if (wait === 'sync') {
    const take = (): number => incoming.sync.get();
    serveThread((request) => (role === 'ping' ? pingFor(secondsOf(request), send, take) : pong(send, take)));
  } else {
    const take = (): Promise<number> => incoming.get();
    serveThread((request) => (role === 'ping' ? pingAwaiting(secondsOf(request), send, take) : pongAwaiting(send, take)));
  }
}
