import { expect, test } from '@jest/globals';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { Proxy } from '../support/proxy.js';

// A near cache that loses its connection returns no old values, and does not keep a program alive.

test('a change made while the connection was cut is not hidden by the cache', async () => {
  await using daemon = await Daemon.serve();
  await using writer = await Manager.connect(daemon.address);
  const sockets = new Set<Socket>();
  const port = Number(daemon.address.split(':').at(-1));
  const relay = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port: relayed } = relay.address() as { port: number };

  const reader = await Manager.connect(`127.0.0.1:${relayed}`);
  const name = fresh('dict');
  const dict = writer.dict<string, number>(name);
  await dict.setMany({ a: 1, b: 1 });
  const cache = reader.dict<string, number>(name).cached();
  let broken = (): void => {};
  reader.on('disconnected', () => broken());
  for (const round of range(1, 20)) {
    expect([await cache.get('a'), await cache.get('b')]).toEqual([round, round]);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([round, round]);
    const cut = new Promise<void>((resolve) => (broken = resolve));
    for (const socket of sockets) socket.destroy();
    await cut;
    await dict.setMany({ a: round + 1, b: round + 1 });
  }
  expect(cache.stats.resets).toBeGreaterThan(10);
  await cache[Symbol.asyncDispose]();
  await reader.close();
  relay.close();
});

test('a value that was read while the connection was broken is read again after the next cut', async () => {
  await using daemon = await Daemon.serve();
  await using proxy = await Proxy.to(daemon.address);
  await using reader = await Manager.connect(proxy.address);
  const cache = reader.dict<string, number>(fresh('dict')).cached();
  await cache.get('a');
  const happened: Record<string, () => void> = {};
  for (const event of ['disconnected', 'resumed'] as const) reader.on(event, () => happened[event]?.());
  const next = (event: 'disconnected' | 'resumed'): Promise<void> => new Promise((resolve) => (happened[event] = resolve));
  const cut = async (): Promise<void> => {
    const broken = next('disconnected');
    proxy.close();
    await broken;
  };
  await cut();
  const reading = cache.get('b');
  proxy.mend();
  await reading;
  await cut();
  const resumed = next('resumed');
  proxy.mend();
  await resumed;
  const { hits } = cache.stats;
  await cache.get('a');
  await cache.get('b');
  expect(cache.stats.hits).toBe(hits);
});

test('a program ends although a cache of it was not disposed', async () => {
  await using daemon = await Daemon.serve();
  await using program = Program.node(new URL('./programs/cached.js', import.meta.url), [], { COMMONHOLD_ADDRESS: daemon.address });
  expect(await program.exited).toMatchObject({ code: 0, stdout: '1 1\n' });
});
