import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManagerError, type PathOperations } from '../../client/index.js';
import { fresh, present, suite } from './support.js';
import type { Target } from './target.js';
import { stress } from '../support/stress.js';

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject extends Record<string, Json> {}

const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '0');

const json: fc.Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, false, '', 'text', 0, 1, 2.5),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('node')), { maxLength: 4 }).map(objectOf),
  ),
})).node;

function objectOf(entries: [string, Json][]): JsonObject {
  const object = {};
  for (const [name, value] of entries) define(object, name, value);
  return object;
}

function define(object: object, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Random numbers that choose the step at each level: mostly one that exists, now and then another. */
const course = fc.array(fc.nat(), { maxLength: 5 });

const operation = fc.record({
  what: fc.constantFrom(
    'get',
    'has',
    'set',
    'delete',
    'getOrInsert',
    'add',
    'compareAndSet',
    'update',
    'size',
    'keys',
    'assign',
    'push',
    'insert',
    'pop',
    'includes',
    'remove',
  ),
  course,
  value: json,
  index: fc.integer({ min: -5, max: 5 }),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Returns the steps that the numbers choose in the value. */
function stepsOf(value: Json | undefined, numbers: readonly number[]): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const number of numbers) {
    if (typeof value !== 'object' || value === null) {
      if (number % 8 === 0) steps.push(number % 16 === 0 ? 'a' : 0);
      break;
    }
    const known = Array.isArray(value) ? value.length : Object.keys(value).length;
    const pick = number % (known + 1);
    if (Array.isArray(value)) steps.push(number % 3 === 0 ? pick - known : pick);
    else steps.push(Object.keys(value)[pick] ?? (number % 7 === 0 ? 3 : 'new'));
    value = childOf(value, steps.at(-1)!);
  }
  return steps;
}

function childOf(value: Json, step: string | number): Json | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value.at(step) : undefined;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, String(step)) ? value[step] : undefined;
}

/** Copies both, so that arrays of two realms have the same prototype: structuredClone makes them in the realm around Jest's. */
function isSame(a: Json | undefined, b: Json): boolean {
  return isDeepStrictEqual(structuredClone(a), structuredClone(b));
}

/** Thrown if the operation must fail. */
class Refused extends Error {}

/** Runs the operation on a local copy in plain JavaScript, for the expected result. */
class Model {
  constructor(readonly holder: { value?: Json }) {}

  run({ what, value, index }: Operation, steps: readonly (string | number)[]): unknown {
    const all = ['value', ...steps];
    const last = all.pop()!;
    const passes = ['get', 'has', 'size', 'keys', 'includes', 'delete', 'pop', 'remove'].includes(what);
    let container: Json | undefined = this.holder;
    for (const step of all) {
      if (this.#absent(container, passes || what === 'getOrInsert' || what === 'compareAndSet')) return this.#nothing(what, value);
      this.#enter(container!, step);
      container = childOf(container!, step);
    }
    if (this.#absent(container, passes || what === 'getOrInsert' || what === 'compareAndSet')) return this.#nothing(what, value);
    this.#enter(container!, last);
    return this.#operate(what, container as Json[] | JsonObject, last, value, index);
  }

  #absent(container: Json | undefined, passes: boolean): boolean {
    if (container === undefined && !passes) throw new Refused();
    return container === undefined || (container === null && passes);
  }

  /** The result if a step on the way is absent. */
  #nothing(what: Operation['what'], value: Json): unknown {
    // There is no value, and no container to put one into.
    if (what === 'getOrInsert') throw new Refused();
    if (what === 'compareAndSet') return value === null ? this.#refuse() : false;
    return what === 'has' || what === 'includes' || what === 'delete' || what === 'remove' ? false : undefined;
  }

  #refuse(): never {
    throw new Refused();
  }

  #enter(container: Json, step: string | number): void {
    if (typeof container !== 'object' || container === null) throw new Refused();
    if (Array.isArray(container) !== (typeof step === 'number')) throw new Refused();
  }

  #put(container: Json[] | JsonObject, step: string | number, value: Json): void {
    if (!Array.isArray(container)) return define(container, String(step), value);
    const place = (step as number) < 0 ? (step as number) + container.length : (step as number);
    if (place < 0 || place >= container.length) throw new Refused();
    container[place] = value;
  }

  #operate(what: Operation['what'], container: Json[] | JsonObject, step: string | number, value: Json, index: number): unknown {
    const there = childOf(container, step);
    switch (what) {
      case 'get':
        return there;
      case 'has':
        return there !== undefined;
      case 'set':
        this.#put(container, step, value);
        return undefined;
      case 'delete':
        if (there === undefined) return false;
        if (Array.isArray(container)) container.splice(step as number, 1);
        else Reflect.deleteProperty(container, step);
        return true;
      case 'getOrInsert':
        if (there === undefined) this.#put(container, step, value);
        return childOf(container, step);
      case 'compareAndSet': {
        // An expectation of null stands for undefined: the key must be absent.
        const holds = value === null ? there === undefined : isSame(there, value);
        if (holds) this.#put(container, step, [value]);
        return holds;
      }
      case 'update':
        this.#put(container, step, [there ?? 'none']);
        return [there ?? 'none'];
      case 'add':
        if (there !== undefined && typeof there !== 'number') throw new Refused();
        this.#put(container, step, (there ?? 0) + index);
        return (there ?? 0) + index;
      case 'size':
        if (there === undefined || there === null) return undefined;
        if (typeof there === 'boolean' || typeof there === 'number') throw new Refused();
        return typeof there === 'string' || Array.isArray(there) ? there.length : Object.keys(there).length;
      case 'keys':
        if (there === undefined || there === null) return undefined;
        if (typeof there !== 'object' || Array.isArray(there)) throw new Refused();
        return Object.keys(there);
      case 'assign': {
        if (there === undefined) this.#put(container, step, {});
        const object = childOf(container, step)!;
        if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new Refused();
        for (const name of ['b', 'new']) define(object, name, structuredClone(value));
        return undefined;
      }
      case 'push':
      case 'insert': {
        if (there === undefined) this.#put(container, step, []);
        const array = childOf(container, step);
        if (!Array.isArray(array)) throw new Refused();
        array.splice(what === 'push' ? array.length : index, 0, value, 'second');
        return array.length;
      }
      case 'pop': {
        if (there === undefined || there === null) return undefined;
        if (!Array.isArray(there)) throw new Refused();
        return there.at(index) === undefined ? undefined : there.splice(index, 1)[0];
      }
      case 'includes':
      case 'remove': {
        if (there === undefined || there === null) return false;
        if (!Array.isArray(there)) throw new Refused();
        const found = there.findIndex((element) => isSame(element, value));
        if (what === 'remove' && found >= 0) there.splice(found, 1);
        return found >= 0;
      }
    }
  }
}

function run(place: PathOperations, { what, value, index }: Operation): Promise<unknown> {
  switch (what) {
    case 'get':
    case 'has':
    case 'delete':
    case 'size':
    case 'keys':
      return place[what]();
    case 'set':
    case 'getOrInsert':
    case 'includes':
    case 'remove':
      return place[what](value);
    case 'add':
      return place.add(index);
    case 'compareAndSet':
      return place.compareAndSet(value ?? undefined, [value]);
    case 'update':
      return place.update((old) => [old ?? 'none']);
    case 'assign':
      return place.assign({ b: value, new: value });
    case 'push':
      return place.push(value, 'second');
    case 'insert':
      return place.insert(index, value, 'second');
    case 'pop':
      return place.pop(index);
  }
}

/** Random operations have the results that the same operations have on a local copy. */
export function dictPathModelSuite(target: Target): void {
  suite(target, 'dict: path, against a model', (clients) => {
    it('random operations on random values do what they do on a local copy', async () => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      const counts = { done: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(json, fc.array(operation, { minLength: 1, maxLength: 12 }), async (begin, operations) => {
          await dict.set('ada', begin);
          const holder: { value?: Json } = { value: structuredClone(begin) };
          for (const each of operations) {
            const steps = stepsOf(holder.value, each.course);
            const before = present(holder.value === undefined ? 'none' : JSON.stringify(holder.value));
            let expected: unknown;
            try {
              expected = structuredClone(new Model(holder).run(structuredClone(each), steps));
              counts.done++;
            } catch (error) {
              if (!(error instanceof Refused)) throw error;
              expected = error;
              counts.refused++;
              expect(holder.value === undefined ? 'none' : JSON.stringify(holder.value)).toBe(before);
            }
            const answer = await run(dict.path('ada', ...steps), each).catch((error: unknown) => error);
            if (expected instanceof Refused) expect(answer).toBeInstanceOf(ManagerError);
            else expect(answer).toEqual(expected);
            // The order of the keys counts here.
            expect(JSON.stringify(await dict.get('ada'))).toBe(JSON.stringify(holder.value));
          }
        }),
        { numRuns: stress(50, 150) },
      );
      // Three of five are done in the mean; less than a third never are.
      expect(counts.done * 2).toBeGreaterThan(counts.refused);
    });
  });
}
