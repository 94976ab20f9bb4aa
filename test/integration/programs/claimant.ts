// A thread that claims a unix socket at the same moment as the others, and reports if it got it.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { AlreadyExistsError } from 'commonhold';
import { claimSocket } from '../../../server/socket.js';

const { paths, gate, claimants } = workerData as { paths: string[]; gate: Int32Array; claimants: number };
const won: string[] = [];

for (const [round, path] of paths.entries()) {
  // The last one to come opens the gate.
  if (Atomics.add(gate, round, 1) + 1 === claimants) Atomics.notify(gate, round);
  for (let here = Atomics.load(gate, round); here < claimants; here = Atomics.load(gate, round)) Atomics.wait(gate, round, here, 10);
  const server = createServer().unref();
  try {
    await claimSocket(path, (own) => once(server.listen(own), 'listening'));
    won.push(path);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}
parentPort!.postMessage(won);
// The sockets stay until this thread is ended.
setInterval(() => {}, 60_000);
