import type { Clock } from './clock.js';

/** The process around an engine, as the engine sees it. */
export interface System {
  readonly clock: Clock;
  /** Process id. */
  readonly pid: number;
  /** Milliseconds since the process started. */
  uptimeMs(): number;
  /** Memory of the process, in bytes. */
  memory(): { residentBytes: number; heapBytes: number };
}
