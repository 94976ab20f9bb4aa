import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Heap } from '../../../engine/core/heap.js';
import { type OrderName } from '../../../engine/core/queue-orders.js';
import { QueueItem, payloadOf, payloadsOf, type Item } from '../../../engine/memory/objects/queue-item.js';
import { makeOrder, type Order } from '../../../engine/memory/objects/queue-order.js';

/** An array that models an order: first the items with a place, and then the ones that were put. */
class Model {
  placed: QueueItem[] = [];
  fresh: string[] = [];

  constructor(readonly name: OrderName) {}

  /** All items, in order. */
  all(): string[] {
    const placed = this.placed.toSorted((a, b) => a.place - b.place).map(({ value }) => value as string);
    const fresh = this.name === 'lifo' ? this.fresh.toReversed() : this.fresh;
    return placed.concat(fresh);
  }

  remove(value: string): void {
    this.placed = this.placed.filter((entry) => entry.value !== value);
    this.fresh = this.fresh.filter((item) => item !== value);
  }
}

function placed(value: string, place: number): QueueItem {
  const item = new QueueItem(value);
  item.place = place;
  return item;
}

function takeUpTo(order: Order, count: number): Item[] {
  return Array.from({ length: Math.min(count, order.length) }, () => order.shift()!);
}

describe.each(['fifo', 'lifo'] as const)('the order %s', (name) => {
  test('gives first the items that came back, and otherwise orders by its name', () => {
    const steps = fc.array(
      fc.oneof(
        fc.constant('push' as const),
        fc.nat(5).map((count) => ({ take: count })),
        fc.nat(3).map((count) => ({ deliver: count })),
        fc.constant('give back' as const),
        fc.constant('put first' as const),
        fc.nat(5).map((index) => ({ remove: index })),
      ),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const [order, model] = [makeOrder(name), new Model(name)];
        const out: QueueItem[] = [];
        let [puts, tokens] = [0, 0];
        for (const step of all) {
          if (step === 'push') {
            order.push(new QueueItem(String(++puts)));
            model.fresh.push(String(puts));
          } else if (step === 'give back') {
            order.putBack(out);
            model.placed.push(...out.splice(0));
          } else if (step === 'put first') {
            const item = placed(String(++puts), -order.nextPlace());
            order.putBack([item]);
            model.placed.push(item);
          } else if ('remove' in step) {
            const item = order.peek(step.remove + 1)[step.remove] as QueueItem | undefined;
            if (item === undefined) continue;
            expect(order.remove(item)).toBe(true);
            expect(order.remove(item)).toBe(false);
            model.remove(item.value as string);
          } else if ('take' in step) {
            const expected = model.all().slice(0, step.take);
            expect(takeUpTo(order, step.take).map(payloadOf)).toEqual(expected);
            for (const value of expected) model.remove(value);
          } else {
            for (let count = 0; count < step.deliver; count++) {
              const [expected] = model.all();
              const item = order.shift();
              expect(item === undefined ? undefined : payloadOf(item)).toBe(expected);
              if (item === undefined) break;
              out.push(placed(payloadOf(item) as string, 1_000_000 + ++tokens));
              model.remove(expected!);
            }
          }
          expect(order.length).toBe(model.all().length);
          expect(payloadsOf(order.peek(3))).toEqual(model.all().slice(0, 3));
          expect(payloadsOf(order.peek(3, 2))).toEqual(model.all().slice(2, 5));
        }
      }),
    );
  });

  test('has items that were taken and put back in their places again', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (length, count) => {
        const order = makeOrder(name);
        for (let index = 0; index < length; index++) order.push(String(index));
        const before = order.peek(length);
        order.putBack(takeUpTo(order, count));
        expect(order.peek(length)).toEqual(before);
        order.clear();
        expect(order.length).toBe(0);
      }),
    );
  });
});

test('the order priority gives the lowest priority, among equal ones the first put, also if it was put back', () => {
  const step = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant('take' as const), fc.constant('put back' as const));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const order = makeOrder('priority');
      const model: { value: string; priority: number; place: number }[] = [];
      const out: { item: Item; of: (typeof model)[number] }[] = [];
      let puts = 0;
      for (const now of steps) {
        if (typeof now === 'number') {
          order.push(new QueueItem(String(++puts), { priority: now }));
          model.push({ value: String(puts), priority: now, place: puts });
          model.sort((a, b) => a.priority - b.priority || a.place - b.place);
        } else if (now === 'take') {
          const [item, of] = [order.shift(), model.shift()];
          expect(item === undefined ? undefined : payloadOf(item)).toBe(of?.value);
          if (item !== undefined) out.push({ item, of: of! });
        } else {
          order.putBack(out.map(({ item }) => item));
          model.push(...out.splice(0).map(({ of }) => of));
          model.sort((a, b) => a.priority - b.priority || a.place - b.place);
        }
        expect(order.length).toBe(model.length);
        expect(payloadsOf(order.peek(4))).toEqual(model.slice(0, 4).map(({ value }) => value));
      }
    }),
  );
});

test('a heap gives its items in order, and shows some of them', () => {
  const many = fc.array(fc.integer(), { maxLength: 300, size: 'max' });
  fc.assert(
    fc.property(many, fc.nat(10), fc.nat(300), (numbers, count, start) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      const sorted = numbers.toSorted((a, b) => a - b);
      expect(heap.peek(count)).toEqual(sorted.slice(0, count));
      expect(heap.peek(count, start)).toEqual(sorted.slice(start, start + count));
      expect(heap.first).toBe(sorted[0]);
      expect(Array.from({ length: numbers.length }, () => heap.pop())).toEqual(sorted);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('a heap removes an item from any place', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 1 }), fc.nat(), (numbers, index) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      const removed = numbers[index % numbers.length]!;
      expect(heap.remove(removed)).toBe(true);
      expect(heap.remove(removed)).toBe(false);
      const rest = numbers.filter((number) => number !== removed).toSorted((a, b) => a - b);
      expect(Array.from({ length: heap.length }, () => heap.pop())).toEqual(rest);
    }),
  );
});
