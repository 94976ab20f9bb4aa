import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { Manager, ManagerError } from 'commonhold';
import { framed } from '../support/grpc.js';

// A client whose peer is no manager gets a clear error, and its program continues.

const OK = { ':status': 200, 'content-type': 'application/grpc' };

const NOTHING = Buffer.alloc(0);

const PEERS: readonly (readonly [string, OutgoingHttpHeaders, Buffer])[] = [
  ['a status message that is badly encoded', { ...OK, 'grpc-status': '16', 'grpc-message': '100% wrong %E0%A4%A' }, NOTHING],
  ['a status that is no number', { ...OK, 'grpc-status': 'bad', 'grpc-message': '%' }, NOTHING],
  ['no status', OK, NOTHING],
  ['a page', { ':status': 200, 'content-type': 'text/html' }, Buffer.from('<html>')],
  ['an error of HTTP', { ':status': 503 }, NOTHING],
  ['a message that is no frame', OK, framed(Buffer.from('ffffffff', 'hex'))],
  ['a compressed message', OK, Buffer.from('0100000001ff', 'hex')],
  ['an answer to no call', OK, framed(Buffer.from('12020801', 'hex'))],
];

test.each(PEERS)('a peer that answers %s is a ManagerError', async (_, headers, body) => {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond(headers, { endStream: body.length === 0 });
    if (body.length > 0) stream.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const error = await Manager.connect(`127.0.0.1:${port}`, { callTimeout: 5_000 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ManagerError);
  for (const session of sessions) session.destroy();
  server.close();
});

test('a badly encoded status message is quoted as received', async () => {
  const server = createServer();
  server.on('stream', (stream) => stream.respond({ ...OK, 'grpc-status': '8', 'grpc-message': '50% of %41' }, { endStream: true }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(Manager.connect(`127.0.0.1:${port}`)).rejects.toThrow('50% of %41');
  server.close();
});
