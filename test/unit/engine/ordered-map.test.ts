import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderedMap } from '../../../engine/memory/collections/ordered-map.js';

const key = fc.oneof(fc.nat(12), fc.constantFrom('a', 'b', '1'), fc.boolean());

type Step = { set: string; key: number | string | boolean } | { delete: number | string | boolean } | { pop: true } | { clear: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ set: fc.string({ maxLength: 3 }), key }) },
  { weight: 4, arbitrary: key.map((gone) => ({ delete: gone })) },
  { weight: 1, arbitrary: fc.constant({ pop: true } as const) },
  { weight: 1, arbitrary: fc.constant({ clear: true } as const) },
);

function apply(map: OrderedMap, model: Map<unknown, string>, taken: Step): void {
  if ('set' in taken) {
    map.set(taken.key, taken.set);
    model.set(taken.key, taken.set);
  } else if ('delete' in taken) {
    expect(map.delete(taken.delete)).toBe(model.get(taken.delete));
    model.delete(taken.delete);
  } else if ('pop' in taken) {
    const newest = [...model].at(-1);
    expect(map.pop()).toEqual(newest && expect.objectContaining({ key: newest[0], value: newest[1] }));
    if (newest) model.delete(newest[0]);
  } else {
    map.clear();
    model.clear();
  }
}

const all = (map: OrderedMap): unknown[] => map.all().map((entry) => [entry.key, entry.value]);

describe('an ordered map', () => {
  it('keeps the entries of a Map, in its order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const map = new OrderedMap();
        const model = new Map<unknown, string>();
        for (const taken of steps) apply(map, model, taken);
        expect(map.size).toBe(model.size);
        expect(all(map)).toEqual([...model]);
      }),
    );
  });

  it('pages through each entry that stays exactly once, whatever happens between the pages', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 4 }),
        (before, between, size) => {
          const map = new OrderedMap();
          const model = new Map<unknown, string>();
          for (const taken of before) apply(map, model, taken);
          const throughout = new Set(model.keys());
          const until = map.sequence;
          const seen: unknown[] = [];
          let after = 0;
          for (let turn = 0; ; turn++) {
            const page = map.page(after, until, size).entries;
            if (page.length === 0) break;
            seen.push(...page.map((entry) => entry.key));
            after = page.at(-1)!.sequence;
            for (const taken of between[turn] ?? []) {
              apply(map, model, taken);
              if ('delete' in taken) throughout.delete(taken.delete);
              else if ('clear' in taken || 'pop' in taken)
                for (const gone of [...throughout]) if (!model.has(gone)) throughout.delete(gone);
            }
          }
          expect(new Set(seen).size).toBe(seen.length);
          for (const kept of throughout) expect(seen).toContain(kept);
        },
      ),
    );
  });

  it('does not slow down if the oldest of many are deleted first', () => {
    const map = new OrderedMap();
    for (let i = 0; i < 100_000; i++) map.set(i, 'x');
    for (let i = 0; i < 99_990; i++) map.delete(i);
    expect(map.all().map((entry) => entry.key)).toEqual([99_990, 99_991, 99_992, 99_993, 99_994, 99_995, 99_996, 99_997, 99_998, 99_999]);
  });
});
