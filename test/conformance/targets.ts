import { expect } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Manager } from '../../client/index.js';
import { DirectTransport } from '../../client/connect/transport/direct.js';
import { createMemoryEngine, type Host } from '../../engine/memory/index.js';
import { Session as EngineSession } from '../../engine/core/session.js';
import { USUAL_LIMITS } from '../../engine/core/limits.js';
import { TypeRegistry } from '../../engine/types.js';
import { environment } from '../support/program.js';
import type { ShadowReport } from './shadow-daemon.js';
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
    limits: { ...USUAL_LIMITS, maxMessageBytes: 64 * 1024 * 1024 },
    program: () => ({ version: 'direct', protocol: 1, pid: process.pid }),
    system: thisSystem(),
    traffic: () => ({ sessions, callsInFlight: 0, callsTotal: 0, keptAnswers: 0, limits: [] }),
    slowCalls: () => [],
    sessions: () => [],
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

/**
 * The memory engine of a daemon in another process, over gRPC. A second machine there is given the turns of the first, and has to do the
 * same.
 */
export async function memoryOverGrpc(): Promise<OpenTarget> {
  const daemon = fork(new URL('./shadow-daemon.js', import.meta.url), { execArgv: [], env: environment() });
  const [address] = (await once(daemon, 'message')) as [string];
  return {
    name: 'memory, over gRPC, with a shadow',
    async open(): Promise<Session> {
      const manager = await Manager.connect(address);
      return { manager, close: () => manager.close() };
    },
    async check(): Promise<void> {
      const answer = once(daemon, 'message') as Promise<[ShadowReport]>;
      daemon.send('check');
      const [{ turns, restored, difference }] = await answer;
      expect(turns).toBeGreaterThan(0);
      if (turns > 1000) expect(restored).toBeGreaterThan(0);
      expect(difference).toBeUndefined();
    },
    async shutDown(): Promise<void> {
      const ended = once(daemon, 'exit');
      daemon.disconnect();
      await ended;
    },
  };
}
