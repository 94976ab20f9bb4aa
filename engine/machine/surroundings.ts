import type { TimeSource } from '../core/clock.js';
import type { System, UserCode } from '../core/system.js';
import type { Host } from '../memory/index.js';

/** The surroundings of a machine that belong to its server. */
export type ServerSurroundings = Pick<Host, 'program' | 'traffic' | 'slowCalls'>;

/** Everything outside of a machine on which its effects depend, besides its inputs. */
export interface Surroundings extends Pick<System, 'uptimeMs' | 'memory'>, ServerSurroundings {
  readonly time: TimeSource;
  /** Reports each outcome outside of a turn. */
  readonly userCode: UserCode;
}
