import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { claimSocket } from '../../../server/socket.js';
import { Temporary } from '../../support/daemon.js';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('sockets that are claimed at one time are private, and later files get the modes that they ask for', async () => {
  using directory = new Temporary();
  const servers = ['one', 'other'].map((name) => ({ path: directory.join(name), server: createServer() }));
  await Promise.all(servers.map(({ path, server }) => claimSocket(path, (own) => once(server.listen(own), 'listening'))));
  const modes = servers.map(({ path }) => modeOf(path));
  for (const { server } of servers) server.close();
  using later = new Temporary();
  expect({ modes, later: modeOf(later.path) }).toEqual({ modes: [0o600, 0o600], later: 0o700 });
});
