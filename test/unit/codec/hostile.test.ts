import { describe, expect, it } from '@jest/globals';
import { Encoder, ExtData } from '@msgpack/msgpack';
import fc from 'fast-check';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { canonical } from '../../../proto/codec/canonical.js';
import { EXT } from '../../../proto/codec/extensions.js';
import { toJsonPayload } from '../../../proto/codec/json.js';
import { numberOf } from '../../../proto/codec/number.js';
import { fieldOf, sortKey } from '../../../proto/codec/order.js';
import { decodeOpaque, decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { assertReadable } from '../../../proto/codec/readable.js';
import { encodeBytes } from '../../../proto/codec/scalar.js';
import { coercePayload } from '../../../proto/codec/typecode.js';
import { graph } from '../../support/arbitrary-values.js';
import { refusesOrNot } from './support.js';
import { stress } from '../../support/stress.js';

const encoder = new Encoder({ maxDepth: 100_000 });
const packed = (...bytes: number[]): Uint8Array => encodeBytes(0x42, Uint8Array.from(bytes));
const packedValue = (value: unknown): Uint8Array => encodeBytes(0x42, encoder.encode(value));
const ext = (type: number, body: unknown): ExtData => new ExtData(type, encoder.encode(body));

/** All operations of the manager and the SDK on a payload of unknown origin. */
function useAll(payload: Uint8Array): void {
  refusesOrNot(() => decodePayload(payload, { freeze: true }));
  refusesOrNot(() => canonical(payload));
  refusesOrNot(() => toJsonPayload(payload));
  refusesOrNot(() => numberOf(payload));
  refusesOrNot(() => coercePayload('i32', payload));
  refusesOrNot(() => sortKey(payload));
  refusesOrNot(() => fieldOf(payload, 'a.0'));
  refusesOrNot(() => assertReadable(payload));
  // An accepted payload can be read.
  if (isReadable(payload)) decodeOpaque(payload);
}

function isReadable(payload: Uint8Array): boolean {
  try {
    assertReadable(payload);
    return true;
  } catch {
    return false;
  }
}

describe('bytes of unknown origin', () => {
  it('that are random are refused or read, without other effects', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        useAll(bytes);
        useAll(encodeBytes(0x42, bytes));
        useAll(encodeBytes(0x3a, bytes));
      }),
      { numRuns: stress(200, 1_000) },
    );
  });

  it('that are changed valid ones are refused or read, without other effects', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(graph, changes, fc.nat(), (value, edits, cut) => {
        const payload = encodePayload(value);
        for (const [at, byte] of edits) payload[at % payload.length] = byte;
        useAll(payload);
        useAll(payload.subarray(0, cut % payload.length));
      }),
      { numRuns: stress(60, 200) },
    );
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing at all', new Uint8Array(0), /it has no value: give one of null/],
    ['packed data cut short', packed(0x92, 1), /cut short/],
    ['bytes left over', packed(1, 1), /left over/],
    ['an array that claims 4 billion elements', packed(0xdd, 255, 255, 255, 255), /cut short/],
    ['an object that claims 4 billion keys', packed(0xdf, 255, 255, 255, 255), /cut short/],
    ['text that claims 4 GB', packed(0xdb, 255, 255, 255, 255), /cut short/],
    ['an unused byte', packed(0xc1), /0xc1/],
    ['an unknown extension', packedValue(new ExtData(99, Uint8Array.of(1))), /extension 99/],
    ['text that is not UTF-8', packed(0xa1, 0xff), /not UTF-8/],
    ['half a surrogate pair as UTF-8', packed(0xa3, 0xed, 0xa0, 0x80), /not UTF-8/],
    ['text that a decoder would shorten', packed(0xa3, 0xef, 0xbb, 0xbf), /U\+FEFF/],
    ['an integer that a number cannot hold', packed(0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1), /beyond 2\^53/],
    ['an array as the key of an object', packed(0x81, 0x90, 1), /a key of an object/],
    ['the key __proto__ in plain MessagePack', packedValue(JSON.parse('{"__proto__":1}')), /__proto__/],
    ['a regular expression that is none', packedValue(ext(EXT.REGEXP, ['(', ''])), /regular expression/],
    ['a regular expression without flags', packedValue(ext(EXT.REGEXP, ['a'])), /without source and flags/],
    ['a regular expression with a flag twice', packedValue(ext(EXT.REGEXP, ['a', 'gig'])), /the flags "gig"/],
    ['a regular expression that takes minutes to compile', packedValue(ext(EXT.REGEXP, ['a'.repeat(16_385), ''])), /16384 characters/],
    ['a Map with half an entry', packedValue(ext(EXT.MAP, [1])), /without a value/],
    ['a Map that is no array', packedValue(ext(EXT.MAP, 1)), /no array/],
    ['an object with a number for a key', packedValue(ext(EXT.OBJECT, [1, 1])), /no text/],
    ['an error of an unknown class', packedValue(ext(EXT.ERROR, { class: 'constructor' })), /unknown class/],
    ['an unknown typed array', packedValue(new ExtData(EXT.BINARY, Uint8Array.of(77))), /unknown class/],
    ['numbers of one and a half bytes', packedValue(new ExtData(EXT.BINARY, Uint8Array.of(5, 1, 2, 3))), /Int16Array of 3 bytes/],
    ['a bigint that takes minutes to print', packedValue(new ExtData(EXT.BIGINT, new Uint8Array(65_537).fill(1))), /65536 bytes/],
    ['undefined with a body', packedValue(new ExtData(EXT.UNDEFINED, Uint8Array.of(1))), /with a body/],
    ['a hole outside of an array', packedValue({ a: new ExtData(EXT.HOLE, new Uint8Array(0)) }), /a hole/],
    ['an object shared with nobody', packedValue([ext(EXT.SHARED, 5)]), /without entry 5/],
    ['an object that holds itself without a graph', packedValue([ext(EXT.SHARED, 0)]), /without entry 0/],
    ['an object that is itself its own place', packedValue(ext(EXT.GRAPH, [ext(EXT.SHARED, 0)])), /without entry 0/],
    ['a place that is no number', packedValue([ext(EXT.SHARED, 'x')]), /no number/],
    ['a graph inside', packedValue([ext(EXT.GRAPH, [1])]), /a graph inside/],
    ['a graph of nothing', packedValue(ext(EXT.GRAPH, [])), /without entry 0/],
    ['a reference that is not listed', packedValue([ext(EXT.REFERENCE, 0)]), /a reference 0/],
    ['a timestamp of five bytes', packedValue(new ExtData(EXT.TIMESTAMP, new Uint8Array(5))), /timestamp/],
    ['JSON without a value', Uint8Array.of(0x3a, 0), /JSON without a value/],
    ['protobuf that ends early', Uint8Array.of(0x2a, 5, 65), /cut short/],
  ])('%s: refused', (what, payload, message) => {
    expect(() => decodePayload(payload)).toThrow(InvalidArgumentError);
    expect(() => decodePayload(payload)).toThrow(message);
    // Another process may be able to read an instance of a class unknown here, and the manager compiles no regular expression.
    expect(isReadable(payload)).toBe(['an instance of an unknown type', 'a regular expression that is none'].includes(what));
  });

  it('that the SDK wrote are accepted', () => {
    fc.assert(
      fc.property(graph, (value) => assertReadable(encodePayload(value))),
      { numRuns: 200 },
    );
  });

  it('that are JSON of 101 levels are refused', () => {
    const json = (levels: number): Uint8Array => {
      let value = Buffer.of(0x08, 0);
      // A list of one element: the element's field, the list's field.
      for (let i = 0; i < levels; i++) value = encodeBytes(0x32, encodeBytes(0x0a, value)) as Buffer<ArrayBuffer>;
      return encodeBytes(0x3a, value);
    };
    expect(isReadable(json(100))).toBe(true);
    expect(isReadable(json(101))).toBe(false);
  });

  it('that nest without end are refused', () => {
    for (const level of [[0x91], [0x81, 0xa0]]) {
      const bytes = Buffer.alloc(100_000, Uint8Array.from(level));
      expect(() => decodePayload(encodeBytes(0x42, bytes))).toThrow(/nested deeper/);
    }
    let nested: unknown = 1;
    for (let i = 0; i < 1000; i++) nested = ext(EXT.SET, [nested]);
    expect(() => decodePayload(packedValue(nested))).toThrow(/nested deeper/);
  });

  it('that nest through shared parts are refused', () => {
    const chain: unknown[] = [];
    for (let i = 0; i < 100_000; i++) chain.push([ext(EXT.SHARED, i + 1)]);
    chain.push(1);
    expect(() => decodePayload(packedValue(ext(EXT.GRAPH, chain)))).toThrow(/nested deeper/);
  });

  it('cannot make decoding allocate the sum of nested claims', () => {
    // Each of 100 nested arrays claims as many elements as there are bytes left.
    const bytes = new Uint8Array(1_000_000);
    for (let i = 0; i < 100; i++) bytes.set([0xdd, 0, 0x0f, 0, 0], i * 5);
    const before = process.memoryUsage().rss;
    refusesOrNot(() => decodePayload(encodeBytes(0x42, bytes)));
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it('with shared parts that double at every level cost no more than their size', () => {
    const doubling = Array.from({ length: 90 }, (_, i) => [ext(EXT.SHARED, i + 1), ext(EXT.SHARED, i + 1)] as unknown[]);
    doubling.push([1]);
    const payload = packedValue(ext(EXT.GRAPH, doubling));
    expect(canonical(payload).length).toBeLessThan(2000);
    expect(toJsonPayload(payload).length).toBeLessThan(10_000_000);
  });

  it('never reach a prototype', () => {
    const evil = ext(EXT.OBJECT, ['__proto__', { polluted: true }, 'constructor', { prototype: { polluted: true } }]);
    const value = decodePayload(packedValue(evil)) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    const error = decodePayload(packedValue(ext(EXT.ERROR, { class: 'Error', message: 'm', own: evil }))) as Error;
    expect(error).toBeInstanceOf(Error);
  });
});
