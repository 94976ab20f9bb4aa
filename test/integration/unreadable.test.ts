import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary, type DescField, type DescMessage, type DescService, type Message } from '@bufbuild/protobuf';
import { ValueSchema, type Value } from '@bufbuild/protobuf/wkt';
import { Manager } from 'commonhold';
import * as contract from 'commonhold/proto';
import { ErrorCode, KeySchema, PayloadSchema, type Payload } from 'commonhold/proto';
import { methods } from '../../proto/methods.js';
import { Daemon } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { unaryCall, type Face } from '../support/grpc.js';
import { RawSession } from '../support/raw-session.js';

// A value that clients cannot read is refused by every method that takes values: a stored one would break `toMap` and `toArray` for every
// client.

/** JSON that no reader accepts: deeply nested lists. */
function nested(levels: number): Value {
  if (levels === 0) return create(ValueSchema, { kind: { case: 'boolValue', value: true } });
  return create(ValueSchema, { kind: { case: 'listValue', value: { values: [nested(levels - 1)] } } });
}

const UNREADABLE: readonly (readonly [string, Payload])[] = [
  ['no value at all', create(PayloadSchema, {})],
  ['JSON of 101 levels', create(PayloadSchema, { kind: { case: 'json', value: nested(101) } })],
  ['packed data cut short', create(PayloadSchema, { kind: { case: 'packed', value: Uint8Array.of(0x92, 1) } })],
  ['a byte that MessagePack does not have', create(PayloadSchema, { kind: { case: 'packed', value: Uint8Array.of(0xc1) } })],
  [
    'a reference that its list lacks',
    create(PayloadSchema, { kind: { case: 'packed', value: Uint8Array.of(0xd4, 10, 3) }, references: [{ kind: 'dict', name: 'd' }] }),
  ],
  ['a timestamp of five bytes', create(PayloadSchema, { kind: { case: 'packed', value: Uint8Array.of(0xc7, 5, 255, 1, 2, 3, 4, 5) } })],
];

/** All methods whose requests carry values, with the type of their requests. */
const WAYS = methods
  .filter(({ input }) => input.payloads !== undefined)
  .map(({ name }) => {
    const [service, method] = name.split('/') as [string, string];
    const { methods } = (contract as unknown as Record<string, DescService>)[service.slice(service.lastIndexOf('.') + 1)]!;
    return { name, input: methods.find((each) => each.name === method)!.input };
  });

const isPayload = (message: DescMessage): boolean => message.typeName === PayloadSchema.typeName;
const carriesPayload = ({ message }: DescField): boolean =>
  message !== undefined && (isPayload(message) || message.fields.some(carriesPayload));

/** Messages with the payload in each place where one can be, one place a message. */
function messagesWith(message: DescMessage, payload: Payload): Message[] {
  const places = message.fields.filter(carriesPayload);
  const rest = Object.fromEntries(
    message.fields.filter(({ oneof }) => oneof === undefined).map((field) => [field.localName, harmless(field)]),
  );
  return places.flatMap((field) =>
    valuesOf(field, payload).map((value) => {
      const own = field.oneof === undefined ? { [field.localName]: value } : { [field.oneof.localName]: { case: field.localName, value } };
      return create(message, { ...rest, ...own });
    }),
  );
}

function valuesOf({ fieldKind, message }: DescField, payload: Payload): unknown[] {
  const values = isPayload(message!) ? [payload] : messagesWith(message!, payload);
  return fieldKind === 'list' ? values.map((value) => [value]) : values;
}

/** Fields that let a request be read: a name, a key, other values. */
function harmless(field: DescField): unknown {
  if (carriesPayload(field)) return valuesOf(field, create(PayloadSchema, { kind: { case: 'boolean', value: true } }))[0];
  if (field.message?.typeName === KeySchema.typeName && field.fieldKind === 'message')
    return create(KeySchema, { kind: { case: 'text', value: 'key' } });
  return field.localName === 'name' ? 'unreadable' : undefined;
}

let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.serve();
});

afterAll(() => daemon[Symbol.asyncDispose]());

describe.each(UNREADABLE)('%s is refused', (_, payload) => {
  // A payload without a value is `undefined` as an argument of a registered type.
  const ways = payload.kind.case === undefined ? WAYS.filter(({ name }) => !name.includes('ObjectService')) : WAYS;
  const requests = ways.flatMap(({ name, input }) =>
    messagesWith(input, payload).map((message) => ({ name, bytes: toBinary(input, message) })),
  );

  test.each<Face>(['grpc', 'sdk'])('by every call of a session (%s)', async (face) => {
    await using raw = await RawSession.open(daemon.address, { face });
    const calls = requests.map(({ name, bytes }, id) => ({ id, method: raw.index(name.replace('commonhold.v1.', '')), request: bytes }));
    raw.send({ calls });
    for (const { id } of calls) {
      const { outcome } = await raw.answer(id);
      const answer = outcome.case === 'error' ? outcome.value.code : outcome.case;
      expect({ method: requests[id]!.name, answer }).toEqual({ method: requests[id]!.name, answer: ErrorCode.INVALID_ARGUMENT });
    }
  });

  test('by every unary call, and nothing is made', async () => {
    for (const { name, bytes } of requests) {
      const end = await unaryCall(daemon.address, name, bytes);
      expect({ name, code: errorOf(end).code, status: end.status }).toEqual({ name, code: ErrorCode.INVALID_ARGUMENT, status: 3 });
    }
    await using witness = await Manager.connect(daemon.address);
    for await (const { name } of witness.objects()) throw new Error(`there is a "${name}"`);
  });
});

test('the methods cover all kinds that hold values', () => {
  const kinds = new Set(WAYS.map(({ name }) => name.slice('commonhold.v1.'.length, name.indexOf('Service/'))));
  expect([...kinds].sort()).toEqual(['Array', 'Atomic', 'Dict', 'List', 'Namespace', 'Object', 'Path', 'Pipe', 'Queue', 'Set', 'Value']);
});
