import { hashKey } from '../../proto/codec/hash-key.js';
import { mapKey, type MapKey } from '../../proto/codec/key.js';
import { numberOf, payloadOfNumber } from '../../proto/codec/number.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { DictEntry } from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';

/** Adds two numbers, or two bigints; an absent `present` counts as 0. @throws InvalidArgumentError */
export function sum(present: Payload | undefined, delta: Payload): Payload {
  const added = numberOf(delta);
  if (added === undefined) throw new InvalidArgumentError('the delta is not a number: give a number or a bigint');
  if (present === undefined) return delta;
  const base = numberOf(present);
  if (typeof base === 'number' && typeof added === 'number') return payloadOfNumber(base + added);
  if (typeof base === 'bigint' && typeof added === 'bigint') return payloadOfNumber(base + added);
  if (base === undefined) throw new InvalidArgumentError('add: the stored value is not a number');
  throw new InvalidArgumentError(`add: a ${typeof added} cannot be added to a ${typeof base}; use one kind for both`);
}

/** The values that a batch will set, by hash key; null if it deletes the key. */
export type Planned = Map<MapKey, Payload | null>;

/**
 * Adds each delta to the number under its key, and returns the sums. Deltas of the same key add up. Throws before anything changes: the
 * caller stores the sums.
 * @param present returns the stored value of a key that is not in `planned`
 * @param planned values to use instead of the stored ones; receives the sums
 */
export function sums(present: (key: Key) => Payload | undefined, deltas: readonly DictEntry[], planned: Planned = new Map()): DictEntry[] {
  return deltas.map(({ key, value: delta }) => {
    const mapped = hashKey(mapKey(key));
    const before = planned.get(mapped);
    const value = sum(before === undefined ? present(key) : (before ?? undefined), delta);
    planned.set(mapped, value);
    return { key, value };
  });
}
