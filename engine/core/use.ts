import { LimitExceededError, OutOfMemoryError } from '../../proto/errors.js';
import type { LimitUse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { EngineLimits } from './limits.js';

/** Bytes that things take beside their payloads, as measured in docs/decisions/0046-limits.md. */
export const OVERHEAD = { object: 1_536, part: 64, key: 128, call: 1_536 } as const;

/** Counts everything in an engine that limits bound. Each machine that is given the same turns counts the same. */
export class Use implements Stateful {
  /** Bytes of objects, of their payloads, and of calls that wait. */
  memory = 0;
  objects = 0;
  waiting = 0;
  #refused = { memory: 0, objects: 0, waiting: 0 };

  constructor(private readonly limits: Readonly<EngineLimits>) {}

  /** Everything else is counted again as it is restored. */
  state() {
    return { ...this.#refused };
  }

  restore(refused: StateOf<Use>): void {
    this.#refused = { ...refused };
  }

  /** @throws OutOfMemoryError unless there is room for more bytes */
  demandMemory(bytes: number): void {
    const { maxMemory } = this.limits;
    if (this.memory + bytes <= maxMemory) return;
    this.#refused.memory++;
    throw new OutOfMemoryError(
      `${Math.round(this.memory)} bytes of memory are in use, and ${Math.round(maxMemory)} at most (--max-memory): delete something first`,
    );
  }

  /** As {@link demandMemory}, for a read that keeps something: reads go on for a while after writes are refused. */
  demandForRead(bytes: number): void {
    this.demandMemory(bytes - this.limits.maxMemory / 10);
  }

  /** @throws LimitExceededError unless there is room for another object; OutOfMemoryError */
  demandObject(): void {
    const { maxObjects } = this.limits;
    this.demandMemory(OVERHEAD.object);
    if (this.objects < maxObjects) return;
    this.#refused.objects++;
    throw new LimitExceededError(`there are ${this.objects} objects, and ${maxObjects} at most (--max-objects): destroy one first`);
  }

  /** @throws LimitExceededError unless another call may wait */
  demandWait(): void {
    const { maxWaiting } = this.limits;
    if (this.waiting < maxWaiting) return;
    this.#refused.waiting++;
    throw new LimitExceededError(`${this.waiting} calls wait already, and ${maxWaiting} at most (--max-waiting): try again later`);
  }

  get uses(): LimitUse[] {
    const { maxMemory, maxObjects, maxWaiting } = this.limits;
    return [
      { name: 'memory', used: this.memory, most: maxMemory, refused: this.#refused.memory },
      { name: 'objects', used: this.objects, most: maxObjects, refused: this.#refused.objects },
      { name: 'waiting', used: this.waiting, most: maxWaiting, refused: this.#refused.waiting },
    ];
  }
}
