import { beforeEach, describe, expect, it } from '@jest/globals';
import { arrayHandlers } from '../../../engine/memory/objects/array.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { WaitGraph } from '../../../engine/memory/locking/wait-for-graph.js';
import { Session } from '../../../engine/core/session.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, LockLostError, NotFoundError, NotOwnerError, OutOfRangeError } from '../../../proto/errors.js';
import { inTurns, realClock } from '../../support/turns.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

const context = (readOnly = false): CallContext => ({
  session: new Session(''),
  readOnly,
  cancel: undefined,
  handOver() {},
});

/** Requests of clients other than ours: the SDK refuses most of them before it sends them. */
describe('the handlers of arrays', () => {
  let handlers: ReturnType<typeof arrayHandlers>;
  const open = (name: string, request: { type?: string; length?: number; initial?: Uint8Array }) =>
    handlers.open({ name, exclusive: false, ...request }, context());
  const read = async (name: string): Promise<number[]> => [...(await handlers.read({ name }, context())).elements];

  beforeEach(() => {
    const clock = realClock();
    handlers = inTurns(clock, arrayHandlers(new Keyspace(clock), { tokens: new GrowingNumbers(clock), waits: new WaitGraph(clock) }));
  });

  it('make no array without a type, or without a length or elements', () => {
    for (const request of [{}, { type: 'u8' }, { length: 3 }, { initial: Uint8Array.of(1) }]) {
      expect(() => open('a', request)).toThrow(NotFoundError);
    }
    expect(() => open('a', { type: 'u9', length: 1 })).toThrow(InvalidArgumentError);
    expect(() => open('a', { type: '', length: 1 })).toThrow(InvalidArgumentError);
    expect(() => open('a', { type: 'u8', length: 2 ** 31 })).toThrow(OutOfRangeError);
    expect(() => handlers.length({ name: 'a' }, context())).toThrow(NotFoundError);
  });

  it('refuse bytes that are no elements', () => {
    expect(() => open('a', { type: 'i32', initial: new Uint8Array(5) })).toThrow(InvalidArgumentError);
    expect(() => open('a', { type: 'bool', initial: Uint8Array.of(1, 2) })).toThrow(OutOfRangeError);
    void open('a', { type: 'i32', length: 2 });
    const write = (type: string, elements: Uint8Array) => handlers.write({ name: 'a', start: 0, type, elements }, context());
    expect(() => write('', new Uint8Array(6))).toThrow(InvalidArgumentError);
    expect(() => write('i16', new Uint8Array(5))).toThrow(InvalidArgumentError);
    expect(() => write('bool', Uint8Array.of(3))).toThrow(OutOfRangeError);
    expect(() => write('text', new Uint8Array(4))).toThrow(InvalidArgumentError);
  });

  it('read elements as little-endian', async () => {
    await open('a', { type: 'u16', length: 2 });
    await handlers.write({ name: 'a', start: 0, type: '', elements: Uint8Array.of(1, 2) }, context());
    expect(decodePayload((await handlers.get({ name: 'a', index: 0 }, context())).value)).toBe(0x0201);
    expect(await read('a')).toEqual([1, 2, 0, 0]);
  });

  it('convert elements of another type if they fit', async () => {
    await open('a', { type: 'u8', length: 3 });
    const write = (type: string, elements: ArrayBufferView) =>
      handlers.write({ name: 'a', start: 0, type, elements: new Uint8Array(elements.buffer) }, context());
    await write('f64', Float64Array.of(1, 255, 3));
    expect(await read('a')).toEqual([1, 255, 3]);
    expect(() => write('f64', Float64Array.of(1, 0.5))).toThrow(OutOfRangeError);
    expect(() => write('i8', Int8Array.of(-1))).toThrow(OutOfRangeError);
    expect(() => write('i64', BigInt64Array.of(1n))).toThrow(InvalidArgumentError);
    expect(() => write('bool', Uint8Array.of(1))).toThrow(InvalidArgumentError);
    expect(await read('a')).toEqual([1, 255, 3]);
  });

  it('accept numbers of either type, from clients that do not tell them apart', async () => {
    await open('small', { type: 'u8', length: 1 });
    await open('large', { type: 'i64', length: 1 });
    await open('flag', { type: 'bool', length: 1 });
    await handlers.set({ name: 'small', index: 0, value: encodePayload(200n) }, context());
    await handlers.set({ name: 'large', index: 0, value: encodePayload(200) }, context());
    await handlers.set({ name: 'flag', index: 0, value: encodePayload(1) }, context());
    expect(await Promise.all(['small', 'large', 'flag'].map(read))).toEqual([[200], [200, 0, 0, 0, 0, 0, 0, 0], [1]]);
    expect(() => handlers.set({ name: 'small', index: 0, value: encodePayload(256n) }, context())).toThrow(OutOfRangeError);
    expect(() => handlers.set({ name: 'small', index: 0, value: encodePayload('1') }, context())).toThrow(InvalidArgumentError);
  });

  it('write under a token alone, and under no other', async () => {
    await open('a', { type: 'u8', length: 1 });
    const { token } = await handlers.lock({ name: 'a' }, context());
    const set = (token?: number) => handlers.set({ name: 'a', index: 0, value: encodePayload(5), token, timeoutMs: 1 }, context());
    expect(() => set(token + 1)).toThrow(NotOwnerError);
    await expect(Promise.resolve(set())).rejects.toThrow('within 1 ms');
    await set(token);
    await handlers.unlock({ name: 'a', token }, context());
    expect(() => set(token)).toThrow(NotOwnerError);
    const second = await handlers.lock({ name: 'a', leaseMs: 1 }, context());
    // The wait for the lock ends before the lease of the hold does.
    const third = await handlers.lock({ name: 'a', leaseMs: 60_000 }, context());
    expect(() => set(second.token)).toThrow(LockLostError);
    await handlers.unlock({ name: 'a', token: third.token }, context());
    expect(await read('a')).toEqual([5]);
  });
});
