import type { TimeSource } from '../core/clock.js';
import type { Steps } from '../core/steps.js';
import type { System, UserCode } from '../core/system.js';
import type { Host } from '../memory/index.js';

/** The surroundings of a machine that belong to its server. */
export interface ServerSurroundings extends Pick<Host, 'program' | 'traffic' | 'slowCalls'> {
  /** Does work in steps, between which clients are served. Without it, the machine works at once. */
  readonly divide?: ((steps: Steps) => PromiseLike<void>) | undefined;
}

/** Everything outside of a machine on which its effects depend, besides its inputs. */
export interface Surroundings extends Pick<System, 'uptimeMs' | 'memory'>, ServerSurroundings {
  readonly time: TimeSource;
  /** Reports each outcome outside of a turn. */
  readonly userCode: UserCode;
}
