import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DictChange, ListChange, SharedDict, SharedList } from '../../client/index.js';
import { fresh, suite } from './support.js';
import type { Target } from './target.js';
import { begun } from './watching.js';
import { stress } from '../support/stress.js';

/** A copy that applies the changes of a watch equals the watched object. */
export function watchCopySuite(target: Target): void {
  suite(target, 'dict: watch as a copy', (clients) => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const value = fc.integer({ min: 0, max: 9 });
    type Step = (dict: SharedDict<string, number>) => Promise<unknown>;
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.set(k, v),
      ),
      fc.array(fc.tuple(key, value), { maxLength: 4 }).map(
        (entries): Step =>
          (dict) =>
            dict.setMany(entries),
      ),
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.add(k, v),
      ),
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.getOrInsert(k, v),
      ),
      fc.tuple(key, fc.option(value, { nil: undefined }), fc.option(value, { nil: undefined })).map(
        ([k, expected, next]): Step =>
          (dict) =>
            dict.compareAndSet(k, expected, next),
      ),
      key.map(
        (k): Step =>
          (dict) =>
            dict.delete(k),
      ),
      key.map(
        (k): Step =>
          (dict) =>
            dict.pop(k),
      ),
      fc.array(key, { maxLength: 3 }).map(
        (keys): Step =>
          (dict) =>
            dict.deleteMany(keys),
      ),
      fc.constant<Step>((dict) => dict.popItem()),
      fc.constant<Step>((dict) => dict.clear()),
    );

    function apply(copy: Map<string, number>, change: DictChange<string, number>): void {
      if (change.type === 'set') copy.set(change.key, change.value);
      else if (change.type === 'clear') copy.clear();
      else copy.delete(change.key!);
    }

    it('makes exactly the dict, in its order, of any changes by two clients', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 60 }), async (steps) => {
          const name = fresh('dict');
          const dicts = [clients.one.dict<string, number>(name), clients.two.dict<string, number>(name)] as const;
          const changes = await begun(clients.one, dicts[0].watch());
          await Promise.all(steps.map(([first, change]) => change(first ? dicts[0] : dicts[1])));
          const content = [...(await dicts[1].toMap())];
          await dicts[1].set('end', 0);
          const copy = new Map<string, number>();
          for await (const change of changes) {
            if (change.key === 'end') break;
            apply(copy, change);
          }
          expect([...copy]).toEqual(content);
        }),
        { numRuns: stress(25, 60) },
      );
    });
  });

  suite(target, 'list: watch as a copy', (clients) => {
    const index = fc.integer({ min: -6, max: 6 });
    const value = fc.integer({ min: 0, max: 99 });
    const values = fc.array(value, { maxLength: 4 });
    type Step = (list: SharedList<number>) => Promise<unknown>;
    const step: fc.Arbitrary<Step> = fc.oneof(
      values.map(
        (all): Step =>
          (list) =>
            list.extend(all),
      ),
      values.map(
        (all): Step =>
          (list) =>
            list.unshift(...all),
      ),
      fc.tuple(index, value).map(
        ([at, v]): Step =>
          (list) =>
            list.insert(at, v),
      ),
      fc.tuple(index, value).map(
        ([at, v]): Step =>
          (list) =>
            list.set(at, v).catch(() => {}),
      ),
      fc.tuple(index, fc.integer({ min: 0, max: 4 }), values).map(
        ([at, count, all]): Step =>
          (list) =>
            list.splice(at, count, ...all),
      ),
      fc.option(index, { nil: undefined }).map(
        (at): Step =>
          (list) =>
            list.pop(at),
      ),
      fc.constant<Step>((list) => list.shift()),
      value.map(
        (v): Step =>
          (list) =>
            list.remove(v),
      ),
      fc.boolean().map(
        (descending): Step =>
          (list) =>
            list.sort({ descending }),
      ),
      fc.constant<Step>((list) => list.reverse()),
      fc.constant<Step>((list) => list.clear()),
    );

    function apply(copy: number[], change: ListChange<number>): number[] {
      switch (change.type) {
        case 'insert':
          copy.splice(change.index, 0, ...change.values);
          return copy;
        case 'set':
          copy[change.index] = change.values[0]!;
          return copy;
        case 'reorder':
          return change.order.map((place) => copy[place]!);
        default:
          copy.splice(change.index, change.count);
          return copy;
      }
    }

    it('makes exactly the list of any changes by two clients', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 60 }), async (steps) => {
          const name = fresh('list');
          const lists = [clients.one.list<number>(name), clients.two.list<number>(name)] as const;
          const changes = await begun(clients.one, lists[0].watch());
          await Promise.all(steps.map(([first, change]) => change(first ? lists[0] : lists[1])));
          await lists[1].push(-1);
          let copy: number[] = [];
          for await (const change of changes) {
            copy = apply(copy, change);
            if (copy.at(-1) === -1) break;
          }
          expect(copy).toEqual(await lists[1].toArray());
        }),
        { numRuns: stress(25, 60) },
      );
    });
  });
}
