import { barrierKind, barrierOf } from '../../../engine/shared/objects/barrier.js';
import { conditionKind } from '../../../engine/shared/objects/condition.js';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import { eventKind } from '../../../engine/shared/objects/event.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { listKind } from '../../../engine/shared/objects/list.js';
import { lockKind } from '../../../engine/shared/objects/lock.js';
import type { Objects } from '../../../engine/shared/objects/objects.js';
import { queueKind, queueOf } from '../../../engine/shared/objects/queue.js';
import { semaphoreKind, semaphoreOf } from '../../../engine/shared/objects/semaphore.js';
import { valueKind, valueOf } from '../../../engine/shared/objects/value.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { PLAIN } from '../storm/objects.js';
import type { Actor, Operation, Scenario } from './world.js';
import { WouldSleep, type Coroutine } from './points.js';

/** Texts that are kept in a cell, in a small block, and in a large one. */
export const SHORT = 'short';
export const LONG = 'long '.repeat(20);
export const HUGE = 'huge'.repeat(1500);

/** An operation: calls a method of the named object. */
export function call(name: string, method: string, ...given: unknown[]): Operation {
  return function* ({ object }) {
    return yield* object(name)[method](...given) as Coroutine;
  };
}

/** As {@link call}, for a method whose last parameter is a codec. */
export function coded(name: string, method: string, ...given: unknown[]): Operation {
  return call(name, method, ...given, PLAIN);
}

/** An operation: reads a property of an object. */
export function read(name: string, property: string): Operation {
  return function* ({ object }) {
    for (;;) {
      try {
        return object(name)[property];
      } catch (error) {
        if (!(error instanceof WouldSleep)) throw error;
        yield error.asleep;
      }
    }
  };
}

export type Make = (engine: SharedEngine) => void;

/** Makes objects of each kind, under these names. */
export const MAKE = {
  dict: ({ objects }: SharedEngine, entries: readonly (readonly [string, unknown])[] = []) => {
    objects.open(dictKind, 'dict').setMany(entries, PLAIN);
  },
  list: ({ objects }: SharedEngine, items: readonly unknown[] = []) => {
    objects.open(listKind, 'list').push(items, PLAIN);
  },
  queue: ({ objects }: SharedEngine, capacity: number, items: readonly unknown[] = []) => {
    objects.create(queueKind, { name: 'queue' }, queueOf(objects.surroundings, capacity)).object.putMany(items, PLAIN, 0);
  },
  number: ({ objects }: SharedEngine) => {
    objects.create(valueKind, { name: 'number' }, valueOf(objects.surroundings, 'f64', encodePayload(0)));
  },
  text: ({ objects }: SharedEngine, text: string) => {
    objects.create(valueKind, { name: 'text' }, valueOf(objects.surroundings, undefined, encodePayload(text)));
  },
  lock: ({ objects }: SharedEngine) => {
    objects.open(lockKind('lock'), 'lock');
  },
  semaphore: ({ objects, thread }: SharedEngine, permits: number) => {
    objects.create(semaphoreKind, { name: 'semaphore' }, semaphoreOf(thread, permits, false));
  },
  event: ({ objects }: SharedEngine) => {
    objects.open(eventKind, 'event');
  },
  condition: ({ objects }: SharedEngine) => {
    objects.open(conditionKind, 'condition');
  },
  barrier: ({ objects, thread }: SharedEngine, parties: number) => {
    objects.create(barrierKind, { name: 'barrier' }, barrierOf(thread, parties, undefined));
  },
};

/** Contents of all objects. */
export function picture(objects: Objects): unknown {
  return Array.from(objects.all(), (object: any) => {
    const { kind, name } = object;
    if (kind === 'dict') return [name, object.entries(PLAIN)];
    if (kind === 'list') return [name, object.toArray(PLAIN)];
    if (kind === 'queue') return [name, object.peek(100, PLAIN), object.options()];
    if (kind === 'value') return [name, object.get(PLAIN), object.holder() === undefined];
    if (kind === 'semaphore') return [name, object.available(), object.total];
    if (kind === 'event') return [name, object.isSet()];
    if (kind === 'barrier') return [name, object.waiting, object.broken];
    return [name, object.holder() === undefined, object.waiters];
  });
}

export function scenario(name: string, setUp: Make, ...threads: readonly (readonly Operation[])[]): Scenario {
  return { name, setUp, threads, picture };
}

export type { Actor, Operation };
