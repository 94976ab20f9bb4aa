import {
  create,
  fromBinary,
  isMessage,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { reflect, type ReflectList, type ReflectMap, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { isOverShared } from './codec/binary.js';
import { MESSAGE, type MessageSchema } from './codec/message.js';

/**
 * Makes a `schema` of a type of protobuf messages. Values are messages as protobuf-es makes them; writes also accept what its `create`
 * accepts. They are stored as google.protobuf.Any, which clients in other languages can read, and grpcurl too if the manager has the
 * descriptors.
 *
 *     manager.dict('users', { schema: messageSchema(UserSchema) })
 *
 * @param descriptor the type, as protoc-gen-es generates it (`UserSchema`)
 */
export function messageSchema<D extends DescMessage>(descriptor: D): MessageSchema<MessageShape<D>> {
  const encode = (value: unknown): Uint8Array => {
    const message = messageOf(descriptor, value);
    assertMessage(reflect(descriptor, message), []);
    return toBinary(descriptor, message);
  };
  return { [MESSAGE]: { typeName: descriptor.typeName, encode, decode: (bytes) => fromBinary(descriptor, bytes) } };
}

function messageOf<D extends DescMessage>(descriptor: D, value: unknown): MessageShape<D> {
  if (isMessage(value, descriptor)) return value;
  if (isMessage(value)) throw new TypeError(`a ${value.$typeName} is not a ${descriptor.typeName}`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return create(descriptor, value as MessageInitShape<D>);
  throw new TypeError(
    `${value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`} is not a ${descriptor.typeName}`,
  );
}

/** Refuses texts, flags and bytes of a wrong type, which protobuf-es writes unchecked. */
function assertMessage(message: ReflectMessage, path: readonly (string | number)[]): void {
  for (const field of message.fields) {
    if (message.isSet(field)) assertField(field, message.get(field), [...path, field.localName]);
  }
}

function assertField(field: DescField, value: unknown, path: readonly (string | number)[]): void {
  switch (field.fieldKind) {
    case 'scalar':
      return assertScalar(field.scalar, value, path);
    case 'message':
      return assertMessage(value as ReflectMessage, path);
    case 'list': {
      let index = 0;
      for (const item of value as ReflectList) assertItem(field, item, [...path, index++]);
      return;
    }
    case 'map':
      for (const [key, item] of value as ReflectMap) assertItem(field, item, [...path, key as string]);
      return;
    case 'enum':
  }
}

function assertItem(field: DescField & { fieldKind: 'list' | 'map' }, item: unknown, path: readonly (string | number)[]): void {
  if (field.scalar !== undefined) assertScalar(field.scalar, item, path);
  else if (field.message !== undefined) assertMessage(item as ReflectMessage, path);
}

/** Leaves number types out, because protobuf-es checks them itself. */
function assertScalar(type: ScalarType, value: unknown, path: readonly (string | number)[]): void {
  if (type === ScalarType.STRING && typeof value !== 'string') throw misfit('text', value, path);
  if (type === ScalarType.BOOL && typeof value !== 'boolean') throw misfit('a boolean', value, path);
  if (type !== ScalarType.BYTES) return;
  if (!(value instanceof Uint8Array)) throw misfit('a Uint8Array', value, path);
  if (isOverShared(value)) {
    throw Object.assign(new TypeError('these bytes lie in a SharedArrayBuffer: store a copy, Uint8Array.from(view)'), { path });
  }
}

function misfit(wanted: string, value: unknown, path: readonly (string | number)[]): Error {
  return Object.assign(new TypeError(`this is a ${typeof value}: give ${wanted}`), { path });
}
