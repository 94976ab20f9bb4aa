import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deque } from '../../../engine/memory/collections/deque.js';

/** One step on a deque and on the array that models it. */
type Step = (deque: Deque<number>, model: number[]) => void;

const items = fc.array(fc.integer(), { maxLength: 20 });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer().map((n): Step => (deque, model) => {
    deque.push(n);
    model.push(n);
  }),
  items.map((many): Step => (deque, model) => {
    deque.pushAll(many);
    model.push(...many);
  }),
  items.map((many): Step => (deque, model) => {
    deque.unshiftAll(many);
    model.unshift(...many);
  }),
  fc.constant<Step>((deque, model) => expect(deque.pop()).toBe(model.pop())),
  fc.constant<Step>((deque, model) => expect(deque.shift()).toBe(model.shift())),
  fc.nat(30).map(
    (count): Step =>
      (deque, model) =>
        expect(deque.shiftMany(count)).toEqual(model.splice(0, count)),
  ),
  fc.tuple(fc.nat(), fc.nat(10), items).map(([at, count, many]): Step => (deque, model) => {
    const start = at % (model.length + 1);
    expect(deque.splice(start, count, many)).toEqual(model.splice(start, count, ...many));
  }),
  fc.tuple(fc.nat(), fc.integer()).map(([at, n]): Step => (deque, model) => {
    if (model.length === 0) return;
    deque.set(at % model.length, n);
    model[at % model.length] = n;
  }),
);

describe('a deque', () => {
  it('does the same as an array', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const deque = new Deque<number>();
        const model: number[] = [];
        for (const take of steps) {
          take(deque, model);
          expect(deque.length).toBe(model.length);
        }
        expect(deque.slice(0, deque.length)).toEqual(model);
        model.forEach((item, index) => expect(deque.at(index)).toBe(item));
      }),
    );
  });

  it('keeps its order while it grows and shrinks by thousands', () => {
    const deque = new Deque<number>();
    let next = 0;
    let expected = 0;
    for (const [grow, shrink] of [
      [5000, 4000],
      [3000, 3900],
      [20_000, 20_050],
    ] as const) {
      for (let i = 0; i < grow; i++) deque.push(next++);
      for (let i = 0; i < shrink && deque.length > 0; i++) expect(deque.shift()).toBe(expected++);
    }
    expect(deque.length).toBe(next - expected);
  });
});
