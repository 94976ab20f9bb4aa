import { mapKey, type MapKey } from '../../proto/codec/key.js';
import { numberOf, payloadOfNumber } from '../../proto/codec/number.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { DictEntry } from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';

/** The sum of two numbers or of two integers (bigint); an absent one counts as 0. */
export function sum(present: Payload | undefined, delta: Payload): Payload {
  const added = numberOf(delta);
  if (added === undefined) throw new InvalidArgumentError('the delta is no number: give a number or a bigint');
  if (present === undefined) return delta;
  const base = numberOf(present);
  if (typeof base === 'number' && typeof added === 'number') return payloadOfNumber(base + added);
  if (typeof base === 'bigint' && typeof added === 'bigint') return payloadOfNumber(base + added);
  if (base === undefined) throw new InvalidArgumentError('add: what is there is no number');
  throw new InvalidArgumentError(`add: a ${typeof added} cannot be added to a ${typeof base}; use one kind for both`);
}

/** Values that keys are to have by their map keys; null where a key is to be deleted. */
export type Planned = Map<MapKey, Payload | null>;

/**
 * Adds each delta to the number under its key, one after the other where a key comes twice; answers an entry for each.
 * Changes nothing itself, so that a sum that cannot be made leaves all numbers as they were.
 * @param present the number under a key that is not planned
 * @param planned comes before what is present, and has the sums afterwards
 */
export function sums(present: (key: Key) => Payload | undefined, deltas: readonly DictEntry[], planned: Planned = new Map()): DictEntry[] {
  return deltas.map(({ key, value: delta }) => {
    const mapped = mapKey(key);
    const before = planned.get(mapped);
    const value = sum(before === undefined ? present(key) : (before ?? undefined), delta);
    planned.set(mapped, value);
    return { key, value };
  });
}
