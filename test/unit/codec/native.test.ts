import { describe, expect, it } from '@jest/globals';
import { create, fromBinary, fromJson, toBinary, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { AnySchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { AnyMessage } from '../../../proto/codec/opaque.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import { PayloadSchema } from '../../../proto/gen/commonhold/v1/payload_pb.js';
import { bigint, text } from '../../support/arbitrary-values.js';
import { stress } from '../../support/stress.js';

type Kind = NonNullable<MessageInitShape<typeof PayloadSchema>['kind']>;
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** A case as protobuf-es has it, with its JavaScript value. */
const native: fc.Arbitrary<{ kind: Kind; value: unknown }> = fc.oneof(
  fc.constant({ kind: { case: 'null' as const, value: 0 }, value: null }),
  fc.boolean().map((value) => ({ kind: { case: 'boolean' as const, value }, value })),
  fc.double().map((value) => ({ kind: { case: 'number' as const, value }, value })),
  fc.oneof(int64, fc.bigInt({ min: -300n, max: 300n })).map((value) => ({ kind: { case: 'integer' as const, value }, value })),
  text.map((value) => ({ kind: { case: 'text' as const, value }, value })),
  fc.uint8Array({ maxLength: 300 }).map((value) => ({ kind: { case: 'binary' as const, value }, value })),
);
const reference = fc.record(
  { kind: text, name: text, address: text, end: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
  { requiredKeys: ['kind', 'name', 'address'] },
);
const plainJson = fc.jsonValue().filter((value) => JSON.stringify(value).length < 5000);

const esBytes = (kind: Kind): Uint8Array => toBinary(PayloadSchema, create(PayloadSchema, { kind }));

describe('against protobuf-es', () => {
  it('native cases are written byte for byte alike', () => {
    fc.assert(
      fc.property(native, ({ kind, value }) => expect(Buffer.from(encodePayload(value))).toEqual(Buffer.from(esBytes(kind)))),
      { numRuns: stress(300, 1000) },
    );
  });

  it('native cases are read alike, from bytes and from byte strings', () => {
    fc.assert(
      fc.property(native, ({ kind, value }) => {
        const bytes = esBytes(kind);
        expect(decodePayload(bytes)).toEqual(value);
        expect(decodePayload(Buffer.from(bytes).toString('latin1'))).toEqual(value);
      }),
      { numRuns: stress(300, 1000) },
    );
  });

  it('references are written and read alike', () => {
    fc.assert(
      fc.property(reference, (value) => {
        const bytes = esBytes({ case: 'reference', value });
        expect(decodePayload(bytes)).toEqual(value);
        expect(Buffer.from(encodePayload({ [REFERENCE]: () => value }))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('packed payloads list the references inside', () => {
    fc.assert(
      fc.property(fc.uniqueArray(reference, { selector: (value) => JSON.stringify(value), maxLength: 5 }), (references) => {
        const value = new Map(references.map((one) => [{ [REFERENCE]: () => one }, { [REFERENCE]: () => one }]));
        const read = fromBinary(PayloadSchema, encodePayload(value));
        expect(read.kind.case).toBe('packed');
        expect(read.references.map(({ kind, name, address, end }) => ({ kind, name, address, end }))).toEqual(references);
      }),
    );
  });

  it('JSON is read as plain objects and arrays', () => {
    fc.assert(
      fc.property(plainJson, (json) => {
        // By way of its text, in which -0 is 0.
        const wanted = JSON.parse(JSON.stringify(json)) as JsonValue;
        const value = fromJson(ValueSchema, wanted);
        expect(decodePayload(esBytes({ case: 'json', value }))).toEqual(wanted);
      }),
    );
  });

  it('JSON may have the key __proto__', () => {
    // { struct { fields { key: "__proto__" value { bool: true } } } }, which protobuf-es cannot make from an object.
    const decoded = decodePayload(Buffer.from('3a132a110a0f0a095f5f70726f746f5f5f12022001', 'hex')) as object;
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.entries(decoded)).toEqual([['__proto__', true]]);
  });

  it('messages are written and read alike', () => {
    fc.assert(
      fc.property(text, fc.uint8Array(), (typeUrl, value) => {
        const bytes = esBytes({ case: 'message', value: create(AnySchema, { typeUrl, value }) });
        expect(decodePayload(bytes)).toEqual(new AnyMessage(typeUrl, value));
        expect(Buffer.from(encodePayload(new AnyMessage(typeUrl, value)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('a bigint beyond 64 bits is packed', () => {
    fc.assert(
      fc.property(
        bigint.filter((value) => BigInt.asIntN(64, value) !== value),
        (value) => {
          expect(fromBinary(PayloadSchema, encodePayload(value)).kind.case).toBe('packed');
          expect(decodePayload(encodePayload(value))).toBe(value);
        },
      ),
    );
  });
});

describe('everything that protobuf allows', () => {
  const number = Buffer.from(encodePayload(5));
  const hello = Buffer.from(encodePayload('hello'));

  it.each<[string, Buffer, unknown]>([
    ['unknown fields around', Buffer.concat([Buffer.from('a00601', 'hex'), hello, Buffer.from('a20603414243', 'hex')]), 'hello'],
    ['two cases, of which the last holds', Buffer.concat([hello, number]), 5],
    ['lengths with needless bytes', Buffer.from('2a82004142', 'hex'), 'AB'],
    ['integers with needless bytes', Buffer.from('20858000', 'hex'), 5n],
    ['a struct in parts', Buffer.from('3a0b2a090a070a0161120220013a0b2a090a070a016212022000', 'hex'), { a: true, b: false }],
    [
      'references before the packed data',
      Buffer.concat([Buffer.from('7a090a0464696374120178', 'hex'), Buffer.from([0x42, 4, 0x91, 0xd4, 10, 0])]),
      [{ kind: 'dict', name: 'x', address: '' }],
    ],
  ])('%s', (_, payload, value) => {
    expect(decodePayload(payload)).toEqual(value);
  });
});
