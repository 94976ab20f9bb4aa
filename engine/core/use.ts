import { LimitExceededError, OutOfMemoryError } from '../../proto/errors.js';
import type { LimitUse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { EngineLimits } from './limits.js';

/** Bytes that things take beside their payloads, as measured in docs/decisions/0046-limits.md. */
export const OVERHEAD = { object: 1_536, part: 64, key: 128, expiry: 128, recency: 64, reference: 512, hold: 1_024, call: 1_536 } as const;

/** Returns the bytes that an object without contents takes. */
export function bytesOfObject(name: string): number {
  return OVERHEAD.object + 2 * name.length;
}

/** Returns the bytes that the first reference of an object to another takes. */
export function bytesOfReference(name: string): number {
  return OVERHEAD.reference + 2 * name.length;
}

/** Counts everything in an engine that limits bound. Each machine that is given the same turns counts the same. */
export class Use implements Stateful {
  /** Bytes of objects, of their payloads, and of calls that wait. */
  memory = 0;
  objects = 0;
  waiting = 0;
  #exempt = false;
  #refused = { memory: 0, objects: 0, waiting: 0 };

  constructor(private readonly limits: Readonly<EngineLimits>) {}

  /** Everything else is counted again as it is restored. */
  state() {
    return { ...this.#refused };
  }

  restore(refused: StateOf<Use>): void {
    this.#refused = { ...refused };
  }

  /** True while work is done again that was taken before. */
  get exempting(): boolean {
    return this.#exempt;
  }

  /** Runs work that was taken before, as it has to be done again: it is counted, and not refused. */
  exempt<T>(work: () => T): T {
    const before = this.#exempt;
    this.#exempt = true;
    try {
      return work();
    } finally {
      this.#exempt = before;
    }
  }

  /** @throws OutOfMemoryError unless there is room for more bytes */
  demandMemory(bytes: number): void {
    const { maxMemory } = this.limits;
    if (this.#exempt || this.memory + bytes <= maxMemory) return;
    this.#refused.memory++;
    throw new OutOfMemoryError(
      `${Math.round(this.memory)} bytes of memory are in use, and ${Math.round(maxMemory)} at most (--max-memory): delete something first`,
    );
  }

  /** As {@link demandMemory}, for reads that keep something and for holds: they go on for a while after writes are refused. */
  demandForRead(bytes: number): void {
    this.demandMemory(bytes - this.limits.maxMemory / 10);
  }

  /** @throws LimitExceededError unless there is room for another object, of that name; OutOfMemoryError */
  demandObject(name: string): void {
    const { maxObjects } = this.limits;
    this.demandMemory(bytesOfObject(name));
    if (this.#exempt || this.objects < maxObjects) return;
    this.#refused.objects++;
    throw new LimitExceededError(`there are ${this.objects} objects, and ${maxObjects} at most (--max-objects): destroy one first`);
  }

  /** Returns the error for a call that begins to wait; undefined if another one may. */
  refuseWait(): LimitExceededError | undefined {
    const { maxWaiting } = this.limits;
    if (this.waiting < maxWaiting) return undefined;
    this.#refused.waiting++;
    return new LimitExceededError(`${this.waiting} calls wait already, and ${maxWaiting} at most (--max-waiting): try again later`);
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
