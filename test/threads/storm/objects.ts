import type { Arena } from '../../../client/index.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import { whole } from '../../support/whole.js';

/** Number of permits of the semaphores. */
export const PERMITS = 4;
/** Capacity of the bounded queue. */
export const CAPACITY = 8;
/** Number of parties of the barrier: fewer than there are threads, so that rounds become complete. */
export const PARTIES = 3;
export const KEYS = Array.from({ length: 24 }, (_, i) => `key ${i}`);
/** Keys that are set and deleted together, with one value. */
export const TOGETHER = Array.from({ length: 20 }, (_, i) => i);
/** Number of elements of the array, which are all the same. */
export const ELEMENTS = 64;

/** Prefix of the names of objects that threads make and end. */
export const PASSING = 'passing ';
export const PLAIN: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };

/** Objects that the threads of a storm work on: at least one of each kind. */
export type Objects = ReturnType<typeof makeObjects>;

export function makeObjects(arena: Arena) {
  return {
    count: arena.value('count', 0, { type: 'i32' }),
    text: arena.value<string>('text', whole(3)),
    lock: arena.lock('lock'),
    left: arena.value('left', 0, { type: 'f64' }),
    right: arena.value('right', 0, { type: 'f64' }),
    rlock: arena.rlock('rlock'),
    inner: arena.value<string>('inner', whole(1)),
    outer: arena.value<string>('outer', whole(1)),
    same: arena.array('same', 'f64', ELEMENTS),
    sums: arena.array('sums', 'i32', 8),
    semaphore: arena.semaphore('semaphore', PERMITS),
    bounded: arena.boundedSemaphore('bounded', PERMITS),
    event: arena.event('event'),
    barrier: arena.barrier('barrier', PARTIES),
    condition: arena.condition('condition'),
    turn: arena.value('turn', 0, { type: 'i32' }),
    bounds: arena.queue<string>('bounds', { capacity: CAPACITY }),
    queue: arena.queue<[thread: number, n: number, text: string]>('queue'),
    dict: arena.dict<string, string>('dict'),
    counts: arena.dict<string, number>('counts'),
    together: arena.dict<number, string>('together'),
    list: arena.list<string>('list'),
    pairs: arena.list<number>('pairs'),
  };
}
