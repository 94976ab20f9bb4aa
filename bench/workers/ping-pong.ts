import type { RoundAnswer } from '../rounds.js';
import { servePair } from './pair.js';

/** The ends of a ping-pong; the one that begins counts. */
export type PingRole = 'ping' | 'pong';

/** Message that ends a round of a ping-pong; every other message is greater. */
export const END = 0;

/** Sends and waits for the reply, for a span of time, without promises. */
export function pingFor(seconds: number, send: (n: number) => void, receive: () => number): RoundAnswer {
  const started = performance.now();
  const end = started + seconds * 1000;
  let operations = 0;
  let now: number;
  do {
    send(++operations);
    expect(receive(), operations);
    now = performance.now();
  } while (now < end);
  send(END);
  return { operations, seconds: (now - started) / 1000 };
}

/** Sends every message back until the other end is done. */
export function pong(send: (n: number) => void, receive: () => number): RoundAnswer {
  const started = performance.now();
  let operations = 0;
  for (let n = receive(); n !== END; n = receive()) {
    send(n);
    operations++;
  }
  return { operations, seconds: (performance.now() - started) / 1000 };
}

/** As {@link pingFor}, with awaited replies. */
export async function pingAwaiting(seconds: number, send: (n: number) => void, receive: () => Promise<number>): Promise<RoundAnswer> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let operations = 0;
  let now: number;
  do {
    send(++operations);
    expect(await receive(), operations);
    now = performance.now();
  } while (now < end);
  send(END);
  return { operations, seconds: (now - started) / 1000 };
}

/** As {@link pong}, with awaited messages. */
export async function pongAwaiting(send: (n: number) => void, receive: () => Promise<number>): Promise<RoundAnswer> {
  const started = performance.now();
  let operations = 0;
  for (let n = await receive(); n !== END; n = await receive()) {
    send(n);
    operations++;
  }
  return { operations, seconds: (performance.now() - started) / 1000 };
}

function expect(came: number, sent: number): void {
  if (came !== sent) throw new Error(`${came} came back for ${sent}`);
}

/** Measures rounds of a ping-pong between two threads of a module. */
export function servePings(module: URL, dataOf: Parameters<typeof servePair<PingRole>>[2]): Promise<void> {
  return servePair<PingRole>(module, ['ping', 'pong'], dataOf);
}
