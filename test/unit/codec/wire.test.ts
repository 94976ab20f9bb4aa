import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromBinary, toBinary, type DescFile, type DescMessage } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { type Codec } from '../../../proto/wire/codec.js';
import { MalformedError } from '../../../proto/wire/values.js';
import { Reader } from '../../../proto/wire/reader.js';
import { Writer } from '../../../proto/wire/writer.js';
import { messageOf, type Init } from '../../support/arbitrary-messages.js';
import { text } from '../../support/arbitrary-values.js';
import { stress } from '../../support/stress.js';

const GENERATED = new URL('../../../proto/gen/commonhold/v1/', import.meta.url);
const RUNS = stress(8, 40);

/** Every message that has a lean codec, with its descriptor. */
async function messages(): Promise<{ schema: DescMessage; codec: Codec<Init> }[]> {
  const found: { schema: DescMessage; codec: Codec<Init> }[] = [];
  for (const name of readdirSync(GENERATED)
    .filter((file) => file.endsWith('_wire.js') && file !== 'services_wire.js')
    .map((file) => file.slice(0, -'_wire.js'.length))) {
    const lean = (await import(new URL(`${name}_wire.js`, GENERATED).href)) as Record<string, Codec<Init> | undefined>;
    const es = (await import(new URL(`${name}_pb.js`, GENERATED).href)) as Record<string, unknown>;
    for (const schema of (es[`file_commonhold_v1_${name}`] as DescFile).messages) {
      const codec = lean[schema.name];
      if (codec?.typeName === schema.typeName) found.push({ schema, codec });
    }
  }
  return found;
}

const writer = new Writer();

function leanWrite(codec: Codec<Init>, message: Init): Buffer {
  codec.write(writer, message);
  return writer.take();
}

function leanRead(codec: Codec<Init>, bytes: Uint8Array): Init {
  const reader = new Reader(bytes);
  return codec.read(reader, bytes.length);
}

/** Field 2000 as a varint, as eight bytes, as text, and as four bytes. */
const UNKNOWN = ['807d05', '817d0102030405060708', '827d03616263', '857d01020304'].map((hex) => Buffer.from(hex, 'hex'));

describe.each(await messages())('$codec.typeName', ({ schema, codec }) => {
  const message = messageOf(schema);

  it('is the same written by protobuf-es, read and written lean, and read by protobuf-es', () => {
    fc.assert(
      fc.property(message, (original) => {
        const bytes = toBinary(schema, original);
        const back = fromBinary(schema, leanWrite(codec, leanRead(codec, bytes)));
        expect(Buffer.from(toBinary(schema, back))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: RUNS },
    );
  });

  it('is the same with fields of a later version around it', () => {
    fc.assert(
      fc.property(message, fc.subarray(UNKNOWN), fc.subarray(UNKNOWN), (original, before, behind) => {
        const bytes = toBinary(schema, original);
        expect(leanRead(codec, Buffer.concat([...before, bytes, ...behind]))).toEqual(leanRead(codec, bytes));
      }),
      { numRuns: RUNS },
    );
  });

  it('is read or refused as malformed, cut short or changed at any byte', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (original, at, byte) => {
        const bytes = Buffer.from(toBinary(schema, original));
        if (bytes.length === 0) return;
        const changed = Buffer.from(bytes);
        changed[at % bytes.length] = byte;
        for (const input of [bytes.subarray(0, at % bytes.length), changed]) {
          try {
            leanRead(codec, input);
          } catch (error) {
            if (!(error instanceof MalformedError)) throw error;
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the writer', () => {
  it('never overwrites bytes that it returned', () => {
    const taken: [Buffer, Buffer][] = [];
    for (let i = 0; i < 3000; i++) {
      writer.string(10, `${i} ${'x'.repeat(i % 97)}`);
      const given = writer.take();
      taken.push([given, Buffer.from(given)]);
    }
    expect(taken.every(([given, copy]) => given.equals(copy))).toBe(true);
  });

  it('moves a nested message to make room for a long length, of any size', () => {
    for (const length of [0, 1, 100, 127, 128, 16_383, 16_384, 70_000, 2_097_152]) {
      const at = writer.open(10);
      writer.bytes(18, new Uint8Array(length).fill(7));
      writer.close(at);
      const reader = new Reader(writer.take());
      expect(reader.tag()).toBe(10);
      const end = reader.limit();
      expect(reader.tag()).toBe(18);
      expect(reader.bytes()).toHaveLength(length);
      expect(reader.position).toBe(end);
    }
  });

  it('discards rewound bytes', () => {
    writer.string(10, 'kept');
    const { size } = writer;
    writer.string(10, 'dropped');
    writer.rewind(size);
    expect(writer.take().toString()).toContain('kept');
    expect(writer.size).toBe(0);
  });
});

describe('scalars', () => {
  it.each<[string, fc.Arbitrary<unknown>, (value: never) => void, (reader: Reader) => unknown]>([
    ['uint32', fc.nat({ max: 2 ** 32 - 1 }), (value) => writer.uint32(8, value), (reader) => reader.uint32()],
    ['int32', fc.integer(), (value) => writer.int32(8, value), (reader) => reader.int32()],
    ['uint64', fc.maxSafeNat(), (value) => writer.uint64(8, value), (reader) => reader.uint64()],
    ['int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => writer.int64(8, value), (reader) => reader.int64()],
    ['double', fc.double(), (value) => writer.double(9, value), (reader) => reader.double()],
    ['bool', fc.boolean(), (value) => writer.bool(8, value), (reader) => reader.bool()],
    ['string', text, (value) => writer.string(10, value), (reader) => reader.string()],
    ['name', text, (value) => writer.string(10, value), (reader) => reader.name()],
    [
      'key',
      fc.oneof(text, fc.double(), fc.boolean(), fc.bigInt({ min: -5n, max: 5n })),
      (value) => writer.key(10, value),
      (reader) => reader.key(),
    ],
  ])('%s comes back', (_, arbitrary, write, read) => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        write(value as never);
        const reader = new Reader(writer.take());
        reader.tag();
        expect(read(reader)).toBe(value);
        expect(reader.position).toBe(reader.buffer.length);
      }),
      { numRuns: 300 },
    );
  });
});
