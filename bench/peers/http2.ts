import { join } from 'node:path';
import { together, type Contender } from '../contender.js';
import { startNode, startNodes } from '../process.js';
import type { Scope } from '../scope.js';

export const PING_PONG = 'http2 ping-pong';

/**
 * The limit of one awaited call at a time over gRPC: a bare node:http2 stream on the same kind of
 * socket, a message of 40 bytes each way, nothing decoded; any number of clients, one server.
 */
export async function http2PingPong(scope: Scope, clients: number): Promise<Contender> {
  const socket = join(scope.directory, 'http2.sock');
  await startNode(scope, { file: 'peers/http2-server.js', args: [socket] });
  return together(PING_PONG, await startNodes(scope, clients, { file: 'peers/http2-client.js', args: [socket] }));
}
