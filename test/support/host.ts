import { USUAL_LIMITS, type EngineLimits } from '../../engine/core/limits.js';
import type { System } from '../../engine/core/system.js';
import type { Host } from '../../engine/memory/index.js';
import { thisSystem } from '../../engine/system.js';

/** An engine's host without sessions. Messages have a million bytes at most, unless limits are given. */
export function hostWith(limits: Partial<EngineLimits> = {}, system: System = thisSystem()): Host {
  return {
    limits: { ...USUAL_LIMITS, maxMessageBytes: 1_000_000, ...limits },
    system,
    program: () => ({ version: '', protocol: 1, pid: 1 }),
    traffic: () => ({ sessions: 0, callsInFlight: 0, callsTotal: 0, keptAnswers: 0, limits: [] }),
    slowCalls: () => [],
    sessions: () => [],
  };
}
