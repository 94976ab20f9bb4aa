import type { ObjectInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';

/** State of a queue, as its options tell it in lists of objects. */
export interface QueueState {
  readonly delayed: number;
  readonly delivered: number;
  /** Undefined if it has no bound. */
  readonly capacity: number | undefined;
  readonly isPaused: boolean;
  readonly isShutDown: boolean;
  /** Name of the queue of its dead letters. */
  readonly deadLetters: string | undefined;
}

export function queueOptions(options: ObjectInfo['options']): QueueState {
  return {
    delayed: Number(options['delayed'] ?? 0),
    delivered: Number(options['delivered'] ?? 0),
    capacity: Number(options['capacity'] ?? 0) || undefined,
    isPaused: options['paused'] === 'true',
    isShutDown: options['shutDown'] === 'true',
    deadLetters: /^(.*) after \d+ deliveries$/s.exec(options['deadLetter'] ?? '')?.[1],
  };
}
