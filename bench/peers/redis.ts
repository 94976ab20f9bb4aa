import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beside, together, transfer, type Contender } from '../contender.js';
import { Redis } from 'ioredis';
import { versionOf } from '../machine.js';
import { startNode, startNodes } from '../process.js';
import type { Scope } from '../scope.js';

/** In plain mode, ioredis writes each command by itself; with `enableAutoPipelining`, the commands of a tick together. */
export type RedisMode = 'plain' | 'autopipelining';

export interface RedisServer {
  readonly socket: string;
}

const STARTING_MS = 10_000;

/**
 * Starts a private server on a unix socket; undefined if this machine has no Redis.
 * @param durable true if each command is on the disk before its answer. Default: nothing is written to disk
 */
export async function startRedis(scope: Scope, durable = false): Promise<RedisServer | undefined> {
  if (versionOf('redis-server') === undefined) {
    scope.note('redis-server is not on this machine: its peers are left out');
    return undefined;
  }
  const socket = join(scope.directory, 'redis.sock');
  const log = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const options = ['--port', '0', '--unixsocket', socket, '--save', '', ...log, '--dir', scope.directory];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  scope.defer(async () => {
    const ended = once(server, 'exit');
    if (server.kill()) await ended;
  });
  await appears(socket);
  return { socket };
}

/** Client processes that alternate SET and GET, each with a window of commands. */
export async function ioredisClients(
  scope: Scope,
  server: RedisServer | undefined,
  { mode, clients, window }: { mode: RedisMode; clients: number; window: number },
): Promise<Contender | undefined> {
  if (server === undefined) return undefined;
  const args = [server.socket, mode, String(window)];
  return together(nameOf(mode), await startNodes(scope, clients, { file: 'peers/ioredis-dict.js', args }));
}

/** One process that reads, beside one that writes. */
export async function ioredisReader(scope: Scope, server: RedisServer | undefined): Promise<Contender | undefined> {
  if (server === undefined) return undefined;
  const start = (role: string) => startNode(scope, { file: 'peers/ioredis-near.js', args: [server.socket, role] });
  const writer = await start('write');
  return beside(nameOf('plain'), await start('read'), [writer]);
}

/** One process that pushes to a list, and one that takes up to 100 items at a time from it. */
export async function ioredisQueue(scope: Scope, server: RedisServer | undefined, mode: RedisMode): Promise<Contender | undefined> {
  if (server === undefined) return undefined;
  const start = (role: string) => startNode(scope, { file: 'peers/ioredis-queue.js', args: [server.socket, mode, role] });
  return transfer(nameOf(mode), [await start('consume'), await start('produce')]);
}

/** Memory of the server for each connection that waits in BLPOP, in bytes. Each connection can only wait once. */
export function ioredisWaiters(server: RedisServer | undefined, waiters: number): Contender | undefined {
  if (server === undefined) return undefined;
  return {
    name: 'ioredis',
    async measure() {
      const redis = new Redis(server.socket);
      const used = async (): Promise<number> => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
      const before = await used();
      const connections: Redis[] = [];
      // One by one: the server refuses more connections at a time than its backlog.
      while (connections.push(new Redis(server.socket)) < waiters) await connections.at(-1)!.ping();
      const ended = Promise.allSettled(connections.map((connection) => connection.blpop('waited for', 0)));
      while (!(await redis.info('clients')).includes(`blocked_clients:${waiters}`));
      const grown = (await used()) - before;
      for (const connection of [...connections, redis]) connection.disconnect();
      await ended;
      return { figure: grown / waiters, operations: waiters };
    },
  };
}

function nameOf(mode: RedisMode): string {
  return mode === 'plain' ? 'ioredis' : 'ioredis autopipelining';
}

async function appears(socket: string): Promise<void> {
  const until = performance.now() + STARTING_MS;
  while (!existsSync(socket)) {
    if (performance.now() > until) throw new Error('redis-server did not open its socket');
    await sleep(10);
  }
}
