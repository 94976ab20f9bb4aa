// The thread that sends the heartbeats of sessions with managers on other hosts, while the thread of the sessions may be busy.
import { parentPort } from 'node:worker_threads';
import type { HeartbeatOrder, HeartbeatReport } from './heartbeat-thread.js';
import { HeartbeatSender, type HeartbeatEvents } from './transport/heartbeat-sender.js';
import { ProvenTime } from './transport/proven-time.js';

const senders = new Map<number, HeartbeatSender>();

parentPort!.on('message', (order: HeartbeatOrder) => {
  const { number, start } = order;
  if (start === undefined) {
    senders.get(number)?.stop();
    senders.delete(number);
    return;
  }
  const told = (event: keyof HeartbeatEvents) => () => parentPort!.postMessage({ number, event } satisfies HeartbeatReport);
  const events = { silent: told('silent'), heard: told('heard'), ended: told('ended') };
  senders.set(number, new HeartbeatSender(start, new ProvenTime(order.memory), events));
});
