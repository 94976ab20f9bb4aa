import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatSender } from '../../client/connect/transport/heartbeat-sender.js';
import { ProvenTime } from '../../client/connect/transport/proven-time.js';
import { parseAddress } from '../../proto/address.js';
import { Daemon } from '../support/daemon.js';
import { Proxy } from '../support/proxy.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// The heartbeats of one session, as their thread sends them, over connections that are cut.

/** The sender's lease, which decides how often it sends. The manager's lease is longer than any test. */
const LEASE = 400;
const HOUR = 3_600_000;

let daemon: Daemon;
let proxy: Proxy;
let session: RawSession & { welcome: { sessionId: string; secret: string } };
let sender: HeartbeatSender;
let proven: ProvenTime;
let events: string[];

beforeAll(async () => {
  daemon = await Daemon.serve();
  proxy = await Proxy.to(daemon.address);
});

afterEach(async () => {
  sender.stop();
  await session[Symbol.asyncDispose]();
  proxy.mend();
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  session = await RawSession.open(daemon.address, { hello: { leaseMs: HOUR, hostId: 'elsewhere' } });
  const { sessionId, secret } = session.welcome;
  proven = new ProvenTime();
  events = [];
  sender = new HeartbeatSender({ address: parseAddress(proxy.address), credentials: {}, sessionId, secret, leaseMs: LEASE }, proven, {
    silent: () => events.push('silent'),
    heard: () => events.push('heard'),
    ended: () => events.push('ended'),
  });
}

/** Waits for the answer of a heartbeat that is sent from now on. */
async function nextAnswer(): Promise<void> {
  const begin = performance.now();
  await until('a heartbeat is answered', () => proven.ageMs < performance.now() - begin);
}

test('each answered heartbeat is recorded, with the time at which it was sent', async () => {
  await start();
  for (let answers = 0; answers < 3; answers++) await nextAnswer();
});

test('they go on over another connection when one is cut', async () => {
  await start();
  for (let cuts = 0; cuts < 3; cuts++) {
    await nextAnswer();
    proxy.cut();
  }
  await nextAnswer();
});

test('a silence is told once, and so is its end', async () => {
  await start();
  await nextAnswer();
  proxy.close();
  // A busy machine may have had others before.
  await until('a silence is told', () => events.at(-1) === 'silent');
  const { ageMs } = proven;
  await until('some more are not answered', () => proven.ageMs > ageMs + LEASE);
  proxy.mend();
  await nextAnswer();
  await until('its end is told', () => events.at(-1) === 'heard');
  expect(events).toEqual(events.map((_, index) => (index % 2 === 0 ? 'silent' : 'heard')));
});

test('they end with the session', async () => {
  await start();
  await nextAnswer();
  session.send({ goodbye: true });
  await until('the end is told', () => events.includes('ended'));
});

test('they are not sent after they are stopped', async () => {
  await start();
  await nextAnswer();
  sender.stop();
  const { ageMs } = proven;
  await until('a lease is over', () => proven.ageMs > ageMs + LEASE);
});
