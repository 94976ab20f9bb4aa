/** Two threads that send a number back and forth through a MessagePort. */
import { isMainThread, MessageChannel, workerData, type MessagePort } from 'node:worker_threads';
import { serveThread } from '../workers/crew.js';
import { pingAwaiting, pongAwaiting, servePings, type PingRole } from '../workers/ping-pong.js';
import { secondsOf } from '../workers/serve.js';

interface Work {
  readonly port: MessagePort;
  readonly role: PingRole;
}

if (isMainThread) await lead();
else follow(workerData as Work);

async function lead(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await servePings(new URL(import.meta.url), (role) => {
    const port = role === 'ping' ? port1 : port2;
    return { data: { port, role } satisfies Work, transfer: [port] };
  });
}

function follow({ port, role }: Work): void {
  const arrived: number[] = [];
  let waiting: ((n: number) => void) | undefined;
  port.on('message', (n: number) => {
    if (waiting === undefined) arrived.push(n);
    else waiting(n);
    waiting = undefined;
  });
  const send = (n: number): void => port.postMessage(n);
  const take = (): Promise<number> => {
    const n = arrived.shift();
    return n === undefined ? new Promise((resolve) => (waiting = resolve)) : Promise.resolve(n);
  };
  serveThread((request) => (role === 'ping' ? pingAwaiting(secondsOf(request), send, take) : pongAwaiting(send, take)));
}
