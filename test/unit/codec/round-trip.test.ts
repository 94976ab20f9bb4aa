import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { LimitExceededError, QueueFullError } from '../../../proto/errors.js';
import { AnyMessage } from '../../../proto/codec/opaque.js';
import { decodeOpaque, decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE, type Reference } from '../../../proto/codec/reference.js';
import { bigint, graph, number, text, tree } from '../../support/arbitrary-values.js';
import { expectSame } from './support.js';
import { stress } from '../../support/stress.js';

const roundTrip = <T>(value: T): T => decodePayload(encodePayload(value)) as T;

class Proxy {
  constructor(readonly reference: Reference) {}
  [REFERENCE](): Reference {
    return this.reference;
  }
}
const hits = { kind: 'dict', name: 'hits', address: '' };
const jobs = { kind: 'queue', name: 'jobs', address: 'localhost:7420' };

describe('a decoded value', () => {
  it('equals any value that was encoded', () => {
    fc.assert(
      fc.property(
        tree.filter((value) => value !== undefined),
        (value) => expectSame(roundTrip(value), value),
      ),
      { numRuns: stress(60, 250) },
    );
  });

  it('equals any graph, with shared objects and cycles', () => {
    fc.assert(
      fc.property(graph, (value) => expectSame(roundTrip(value), value)),
      { numRuns: stress(60, 250) },
    );
  });

  it('equals any scalar, -0 and NaN too', () => {
    fc.assert(fc.property(fc.oneof(text, number, bigint, fc.double()), (value) => expect(roundTrip(value)).toBe(value)));
    expect(roundTrip(-0)).toBe(-0);
  });

  it('is a Uint8Array for a Buffer', () => {
    const bytes = roundTrip({ bytes: Buffer.from('hi') }).bytes;
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(bytes).toEqual(Uint8Array.of(104, 105));
  });

  it.each([
    ['at the top', (bytes: Uint8Array): unknown => bytes],
    ['inside', (bytes: Uint8Array): unknown => ({ bytes })],
  ])('owns its bytes %s', (_, wrap) => {
    const payload = encodePayload(wrap(Uint8Array.of(1, 2, 3)));
    const decoded = decodePayload(payload) as Uint8Array | { bytes: Uint8Array };
    payload.fill(0);
    const bytes = decoded instanceof Uint8Array ? decoded : decoded.bytes;
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(bytes.buffer.byteLength).toBe(3);
  });

  it('has only the part of a larger buffer that a view shows', () => {
    const view = new Int16Array(Int16Array.of(1, 2, 3, 4).buffer, 2, 2);
    expect(roundTrip(view)).toEqual(Int16Array.of(2, 3));
    expect(roundTrip(view).buffer.byteLength).toBe(4);
  });

  it('keeps undefined inside of objects, and holes in arrays', () => {
    const value = roundTrip({ gone: undefined, list: [1, , undefined] });
    expect(Object.keys(value)).toEqual(['gone', 'list']);
    expect(1 in value.list).toBe(false);
    expect(2 in value.list).toBe(true);
  });

  it('has own keys named __proto__ and constructor, and untouched prototypes', () => {
    const value = roundTrip(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}') as object);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value)).toEqual([
      ['__proto__', { admin: true }],
      ['constructor', 1],
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is a plain object for one without a prototype', () => {
    expect(roundTrip(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual({ a: 1 });
  });

  it('keeps a byte order mark at the beginning of a long text, which MessagePack libraries lose', () => {
    const marked = `\ufeff${'x'.repeat(300)}`;
    expect(roundTrip({ [marked]: marked })).toEqual({ [marked]: marked });
  });

  it('is of this realm, if the value was made in another', () => {
    const foreign = runInNewContext(
      '({ list: [1], map: new Map([[1, new Set([2])]]), date: new Date(0), error: new RangeError("far"), bytes: new Uint8Array(2) })',
    ) as object;
    const value = roundTrip(foreign) as Record<string, object>;
    expect(value['map']).toEqual(new Map([[1, new Set([2])]]));
    expect(value['date']).toEqual(new Date(0));
    expect(value['error']).toBeInstanceOf(RangeError);
    expect(value['bytes']).toEqual(new Uint8Array(2));
  });
});

describe('errors', () => {
  it('keep class, message, stack, cause and properties', () => {
    const error = Object.assign(new RangeError('too far', { cause: { index: 9 } }), { code: 'E_FAR' });
    const back = roundTrip({ error }).error;
    expect(back).toBeInstanceOf(RangeError);
    expect(Object.entries(back)).toEqual([['code', 'E_FAR']]);
    expect([back.message, back.stack, back.cause]).toEqual([error.message, error.stack, { index: 9 }]);
    expect(Object.keys(back)).toEqual(['code']);
  });

  it('keep the errors of an AggregateError', () => {
    const back = roundTrip(new AggregateError([new TypeError('a'), 'b'], 'both'));
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors[0]).toBeInstanceOf(TypeError);
    expect(back.errors[1]).toBe('b');
  });

  it('of the user come back as the nearest builtin class, under their own name', () => {
    class PaymentError extends TypeError {
      override name = 'PaymentError';
    }
    const back = roundTrip(new PaymentError('declined'));
    expect(back).toBeInstanceOf(TypeError);
    expect(back.name).toBe('PaymentError');
  });

  it('of commonhold come back as their class', () => {
    const full = roundTrip(new QueueFullError('full', { object: 'jobs', method: 'Put', accepted: 3, mayHaveExecuted: true, cause: 'why' }));
    expect(full).toBeInstanceOf(QueueFullError);
    expect(full).toMatchObject({
      code: 'QUEUE_FULL',
      message: 'full',
      object: 'jobs',
      method: 'Put',
      accepted: 3,
      mayHaveExecuted: true,
      cause: 'why',
    });
    expect(roundTrip(new LimitExceededError('busy')).retryable).toBe(true);
  });

  it('may be their own cause', () => {
    const error = new Error('round');
    error.cause = { error };
    const back = roundTrip(error);
    expect((back.cause as { error: Error }).error).toBe(back);
  });
});

describe('references', () => {
  it('stand wherever a proxy stands', () => {
    const value = { first: new Proxy(hits), list: [new Proxy(jobs), new Proxy(hits)], [Symbol.iterator]: 1 };
    expect(roundTrip(value)).toEqual({ first: hits, list: [jobs, hits] });
    expect(roundTrip(new Proxy(jobs))).toEqual(jobs);
  });

  it("are opened by the reader's function", () => {
    const open = (reference: Reference): unknown => new Proxy(reference);
    const value = decodePayload(encodePayload(new Map([['a', new Proxy(jobs)]])), { open }) as Map<string, Proxy>;
    expect(value.get('a')).toEqual(new Proxy(jobs));
    expect(decodePayload(encodePayload(new Proxy(hits)), { open })).toEqual(new Proxy(hits));
  });

  it('may be functions', () => {
    const callable = Object.assign(() => 1, { [REFERENCE]: () => hits });
    expect(roundTrip([callable])).toEqual([hits]);
  });

  it('stay references if no opener is given', () => {
    const payload = encodePayload({ a: [new Proxy(jobs)] });
    expect(decodePayload(encodePayload(decodeOpaque(payload).value))).toEqual({ a: [jobs] });
  });
});

describe('freeze', () => {
  const frozen = (value: unknown): unknown => decodePayload(encodePayload(value), { freeze: true });

  it('freezes plain objects and arrays at any depth', () => {
    const value = frozen({ list: [{ a: 1 }], map: new Map([['k', { b: 2 }]]) }) as { list: object[]; map: Map<string, object> };
    expect([value, value.list, value.list[0], value.map.get('k')].every(Object.isFrozen)).toBe(true);
  });

  it('leaves Maps, Sets and typed arrays usable', () => {
    const value = frozen([new Map(), new Set(), new Uint8Array(1)]) as [Map<number, number>, Set<number>, Uint8Array];
    expect(value.some(Object.isFrozen)).toBe(false);
    expect(value[0].set(1, 2).size).toBe(1);
  });

  it('ends on cycles, through Maps too', () => {
    const loop: unknown[] = [];
    loop.push(new Map([['loop', loop]]));
    expect(Object.isFrozen(frozen(loop))).toBe(true);
  });
});

it('a protobuf message comes back with its type', () => {
  const message = new AnyMessage('type.googleapis.com/acme.Order', Uint8Array.of(8, 1));
  expect(roundTrip(message)).toEqual(message);
});
