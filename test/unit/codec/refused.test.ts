import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { encodePayload } from '../../../proto/codec/payload.js';

function refusal(value: unknown): string {
  try {
    encodePayload(value);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError);
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

/** Its prototype's prototype is null, as that of a plain object is. */
class Bare {}
Object.setPrototypeOf(Bare.prototype, null);

describe('a value that cannot be stored is refused, saying where it is and what to do', () => {
  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /use null, or delete/],
    ['a function', { user: { callback() {} } }, /a function \(callback\) at \$\.user\.callback: store data/],
    ['a symbol', [1, Symbol('s')], /a symbol at \$\[1\]/],
    ['a promise', { later: Promise.resolve(1) }, /a Promise at \$\.later: await it/],
    ['a WeakMap', new WeakMap(), /a WeakMap at \$/],
    ['shared memory', { memory: new SharedArrayBuffer(8) }, /a SharedArrayBuffer at \$\.memory/],
    [
      'an instance',
      new Map([['p', new Point(1, 2)]]),
      /an instance of Point at \$\.get\("p"\): convert it to a plain object, or keep it in the manager as an object of a registered type: manager\.object\(\)/,
    ],
    ['an array of a subclass', [new (class Stack extends Array<number> {})()], /an instance of Stack at \$\[0\]/],
    ['a Map of a subclass', new Set([new (class Cache extends Map {})()]), /an instance of Cache at \$\.member\(…\)/],
    ['a typed array of a subclass', new (class Pixels extends Uint16Array {})(1), /an instance of Pixels/],
    ['an instance of a class without a prototype', Object.create(Bare.prototype), /an instance of Bare/],
    ['text with half a surrogate pair', '\ud83d', /half a surrogate pair at \$: .*toWellFormed/],
    ['such text inside', { a: ['\udc00'] }, /half a surrogate pair at \$\.a\[0\]/],
    ['such a key', { a: { 'b\ud800': 1 } }, /a key with half a surrogate pair at \$\.a\[/],
    ['a bigint beyond all measure', 1n << 600_000n, /more than 65536 bytes/],
    ['a RegExp that takes minutes to compile', [new RegExp('a'.repeat(16_385))], /more than 16384 characters at \$\[0\]: store its source/],
    ['too many holes', Object.assign([] as number[], { 1_000_000: 1 }), /more than 65536 holes at \$: use a Map/],
  ])('%s', (_, value, message) => {
    expect(refusal(value)).toMatch(message);
  });

  it('nesting beyond a hundred levels', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = i % 2 ? [deep] : { deep };
    expect(() => encodePayload(deep)).not.toThrow();
    expect(refusal([deep])).toMatch(/deeper than 100 levels/);
  });

  it('nesting without end, without a stack overflow', () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(refusal(deep)).toMatch(/deeper than 100 levels/);
  });

  it('a value that differs each time it is read', () => {
    let reads = 0;
    const fickle = {
      get value() {
        return reads++ === 0 ? 1 : () => 1;
      },
    };
    expect(refusal(fickle)).toMatch(/cannot store this value/);
  });

  it('a proxy that does not say which object it stands for', () => {
    expect(refusal({ [Symbol.for('commonhold.reference')]: () => ({ kind: 1 }) })).toMatch(/a reference must have/);
  });
});
