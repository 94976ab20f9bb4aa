import { ScalarType, create, type DescField, type DescMessage, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { text } from './arbitrary-values.js';

/** Fields of a message, as protobuf-es takes them. */
export type Init = Record<string, unknown>;

/** Scalars, a few of them long enough for lengths of two bytes. */
const SCALARS: Partial<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 200 }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.UINT32]: fc.nat({ max: 2 ** 32 - 1 }),
  [ScalarType.INT32]: fc.integer(),
  [ScalarType.INT64]: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  // The lean form is a number.
  [ScalarType.UINT64]: fc.maxSafeNat().map(BigInt),
  [ScalarType.DOUBLE]: fc.double().map((value) => value + 0),
};

/** One element of a field, as protobuf-es has it. */
function element(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message) return initOf(field.message, depth + 1);
  if (field.enum) return fc.constantFrom(...field.enum.values.map((value) => value.number));
  const scalar = SCALARS[field.scalar];
  if (scalar === undefined) throw new Error(`${String(field)}: no arbitrary for its type`);
  return scalar;
}

/** A map's value: text for the maps of the contract, a message for a Struct. */
function mapValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  return field.message ? initOf(field.message, depth + 1) : text;
}

/** Input for protobuf-es to create a message. Fields without the word `optional` are always present, as the contract has it. */
function initOf(message: DescMessage, depth: number): fc.Arbitrary<Init> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of message.fields) {
    if (field.oneof) continue;
    const one = element.bind(undefined, field, depth);
    if (field.fieldKind === 'list') model[field.localName] = fc.array(fc.constant(0).chain(one), { maxLength: depth > 2 ? 0 : 3 });
    else if (field.fieldKind === 'map')
      model[field.localName] = fc.dictionary(fc.string(), mapValue(field, depth), { noNullPrototype: true, maxKeys: 3 });
    else if (field.fieldKind === 'message' && !field.proto.proto3Optional) model[field.localName] = fc.constant(0).chain(one);
    else if (field.presence === 2) model[field.localName] = one();
    else
      model[field.localName] = fc.option(depth > 2 && field.message ? fc.constant(undefined) : fc.constant(0).chain(one), {
        nil: undefined,
      });
  }
  for (const oneof of message.oneofs) {
    const cases = oneof.fields.filter((field) => depth <= 2 || !field.message || field.message.typeName.startsWith('google.protobuf.Null'));
    const chosen = fc.constantFrom(...(cases.length > 0 ? cases : oneof.fields));
    model[oneof.localName] = chosen.chain((field) => element(field, depth).map((value) => ({ case: field.localName, value })));
  }
  return fc.record(model);
}

/** Any message of a type of the contract, as protobuf-es has it. */
export function messageOf(type: DescMessage): fc.Arbitrary<Message> {
  return initOf(type, 0).map((init) => create(type, init as MessageInitShape<typeof type>));
}
