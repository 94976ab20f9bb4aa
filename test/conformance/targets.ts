import { Manager } from '../../client/index.js';
import { DirectTransport } from '../../client/connect/transport/direct.js';
import { createMemoryEngine, type Host } from '../../engine/memory/index.js';
import { Session as EngineSession } from '../../engine/core/session.js';
import { TypeRegistry } from '../../engine/types.js';
import * as registered from './types/registered.js';
import type { Session, Target } from './target.js';
import { thisSystem } from '../../engine/system.js';

/** A target under test, with its shutdown. */
export interface OpenTarget extends Target {
  shutDown(): Promise<void>;
}

/** The memory engine in this process: proxies call its handlers. */
export function memoryDirect(): OpenTarget {
  let sessions = 0;
  const types = new TypeRegistry();
  for (const [name, type] of Object.entries(registered)) types.register(name, type);
  const host: Host = {
    version: 'direct',
    protocol: 1,
    system: thisSystem(),
    maxMessageBytes: 64 * 1024 * 1024,
    traffic: () => ({ sessions, callsInFlight: 0, callsTotal: 0, keptAnswers: 0 }),
  };
  const engine = createMemoryEngine(host, types);
  return {
    name: 'memory, direct',
    open(): Promise<Session> {
      sessions++;
      const session = new EngineSession(
        `direct-${sessions}`,
        { pid: process.pid, label: 'direct' },
        (token) => transport.lost(token),
        (warning) => transport.warned(warning),
      );
      const transport = new DirectTransport(engine, 'direct', session);
      const manager = new Manager(transport);
      return Promise.resolve({ manager, close: () => manager.close() });
    },
    shutDown(): Promise<void> {
      engine.close();
      return Promise.resolve();
    },
  };
}

/** The memory engine of a daemon in another process, over gRPC. */
export async function memoryOverGrpc(): Promise<OpenTarget> {
  const daemon = await Manager.start({ register: new URL('./types/registered.js', import.meta.url) });
  return {
    name: 'memory, over gRPC',
    async open(): Promise<Session> {
      const manager = await Manager.connect(daemon.address);
      return { manager, close: () => manager.close() };
    },
    shutDown: () => daemon.close(),
  };
}
