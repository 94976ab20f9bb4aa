import { comparePayloads, fieldOf } from '../../proto/codec/order.js';
import type { Payload } from '../../proto/wire/values.js';

/**
 * The places of the items in their order: stably, also when descending; what has not the field comes last.
 * @param by dotted path of the field to sort by; empty for the item itself
 */
export function sortedPlaces(items: readonly Payload[], descending: boolean, by: string): number[] {
  const keyed = items.map((item, place) => ({ place, key: by === '' ? item : fieldOf(item, by) }));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
    return direction * comparePayloads(a.key, b.key);
  });
  return keyed.map(({ place }) => place);
}
