import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '../client/connect/transport/transport.js';
import { startServer } from '../server/server.js';
import { connected, type ConnectionFlags } from './connection.js';

/** A manager that gets the objects of a dump. */
export interface LoadTarget extends AsyncDisposable {
  readonly transport: Transport;
}

const LABEL = 'commonhold load';

/** Loads into a manager that runs. */
export async function managerTarget(address: string | undefined, flags: ConnectionFlags): Promise<LoadTarget> {
  const transport = await connected(address, flags, LABEL);
  return { transport, [Symbol.asyncDispose]: () => transport.close() };
}

/** Loads into a data directory: a manager has it meanwhile, which nothing else can reach. */
export async function directoryTarget(dataDir: string, register: readonly string[] = []): Promise<LoadTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'commonhold-load-'));
  const address = `unix:${join(folder, 'socket')}`;
  const leave = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    // All of it is flushed at the end.
    const server = await startServer({ listen: address, dataDir, register, durability: 'none' });
    const transport = await connected(address, {}, LABEL);
    return {
      transport,
      async [Symbol.asyncDispose]() {
        await transport.close();
        await server.close();
        leave();
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}
