import { describe, expect, it } from '@jest/globals';
import { AlreadyExistsError, InvalidArgumentError } from '../../../proto/errors.js';
import { decodeOpaque, decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { registerType } from '../../../proto/codec/types.js';

class Point {
  constructor(
    readonly x: unknown,
    readonly y: unknown,
  ) {}
}
registerType('test.Point', Point, { encode: ({ x, y }) => [x, y], decode: (data) => new Point(...(data as [unknown, unknown])) });

class Temperature extends Error {}
registerType('test.Temperature', Temperature, {
  encode: ({ message }) => message,
  decode: (data) => {
    if (data === 'absolute zero') throw new Error('too cold');
    return new Temperature(String(data));
  },
});

const roundTrip = <T>(value: T): T => decodePayload(encodePayload(value)) as T;

describe('registered types', () => {
  it('come back as instances, at any place', () => {
    const value = roundTrip(new Map([['p', [new Point(1, new Point(new Date(0), undefined))]]]));
    expect(value).toEqual(new Map([['p', [new Point(1, new Point(new Date(0), undefined))]]]));
    expect(value.get('p')![0]).toBeInstanceOf(Point);
    expect(roundTrip(new Point(1, 2))).toEqual(new Point(1, 2));
  });

  it('may be builtin classes: the registration comes first', () => {
    expect(roundTrip(new Temperature('warm'))).toBeInstanceOf(Temperature);
  });

  it('that occur twice come back as one instance', () => {
    const point = new Point(1, 2);
    const [a, b] = roundTrip([point, point]);
    expect(a).toBe(b);
    expect(a).toBeInstanceOf(Point);
  });

  it('may lie on a cycle of objects around them', () => {
    const list: unknown[] = [];
    list.push(new Point(list, 1));
    const back = roundTrip(list);
    expect((back[0] as Point).x).toBe(back);
  });

  it('may not lie on a cycle through their own data alone', () => {
    const data: unknown[] = [];
    const point = new Point(data, 1);
    data.push(point);
    expect(() => encodePayload(point)).toThrow(/Point, whose own data leads back to it/);
  });

  it('do not include subclasses, which would come back as another class', () => {
    expect(() => encodePayload(new (class Point3 extends Point {})(1, 2))).toThrow(/an instance of Point3/);
  });

  it('name the place in their data of a value that cannot be stored', () => {
    expect(() => encodePayload([new Point(() => 1, 0)])).toThrow(/at \$\[0\]\.encode\(test\.Point\)\[0\]/);
  });

  it('that cannot decode their data are an error that names them', () => {
    expect(() => roundTrip(new Temperature('absolute zero'))).toThrow(/"test\.Temperature" could not decode its data: too cold/);
  });

  it('pass through a program that does not open them', () => {
    const payload = encodePayload({ p: new Point(1, [2]) });
    expect(decodePayload(encodePayload(decodeOpaque(payload).value))).toEqual({ p: new Point(1, [2]) });
  });

  it('have names and classes of their own', () => {
    const codec = { encode: () => 1, decode: () => new Point(1, 2) };
    expect(() => registerType('test.Point', class Other {}, codec)).toThrow(AlreadyExistsError);
    expect(() => registerType('test.Again', Point, codec)).toThrow(AlreadyExistsError);
    expect(() => registerType('', class Other {}, codec)).toThrow(InvalidArgumentError);
    expect(() => registerType('test.Object', Object, codec)).toThrow(InvalidArgumentError);
    expect(() => registerType('test.None', undefined as never, codec)).toThrow(InvalidArgumentError);
    expect(() => registerType('test.Half', class Other {}, { encode: () => 1 } as never)).toThrow(InvalidArgumentError);
  });
});
