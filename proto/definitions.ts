import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt';

/** A message type as nice-grpc takes it. `fromPartial` takes what callers may write, `encode` and `decode` the whole message. */
export interface MessageType<Desc extends DescMessage> {
  encode(message: MessageShape<Desc>): { finish(): Uint8Array };
  decode(bytes: Uint8Array): MessageShape<Desc>;
  fromPartial(init: MessageInitShape<Desc>): MessageShape<Desc>;
}

/** A service as nice-grpc takes it, typed from its descriptor. */
export interface Definition<Service extends DescService> {
  readonly name: string;
  readonly fullName: string;
  readonly methods: { [M in keyof Service['method']]: MethodDefinition<Service['method'][M]> };
}

export interface MethodDefinition<Method extends DescMethod> {
  readonly name: string;
  readonly requestType: MessageType<Method['input']>;
  readonly requestStream: Method['methodKind'] extends 'client_streaming' | 'bidi_streaming' ? true : false;
  readonly responseType: MessageType<Method['output']>;
  readonly responseStream: Method['methodKind'] extends 'server_streaming' | 'bidi_streaming' ? true : false;
  readonly options: { readonly idempotencyLevel?: 'IDEMPOTENT' | 'NO_SIDE_EFFECTS' };
}

/**
 * Returns the definition of a service for nice-grpc clients and servers, in the shape that ts-proto generates: the only one that nice-grpc
 * takes without a copy and with the idempotency level kept.
 */
export function definitionOf<Service extends DescService>(service: Service): Definition<Service> {
  const methods = service.methods.map((method) => [method.localName, definitionOfMethod(method)] as const);
  return { name: service.name, fullName: service.typeName, methods: Object.fromEntries(methods) as Definition<Service>['methods'] };
}

function definitionOfMethod(method: DescMethod): MethodDefinition<DescMethod> {
  return {
    name: method.name,
    requestType: messageType(method.input),
    requestStream: (method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming') as false,
    responseType: messageType(method.output),
    responseStream: (method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming') as false,
    options: idempotency(method),
  };
}

function messageType<Desc extends DescMessage>(message: Desc): MessageType<Desc> {
  return {
    encode: (value) => ({ finish: () => toBinary(message, value) }),
    decode: (bytes) => fromBinary(message, bytes),
    fromPartial: (init) => create(message, init),
  };
}

function idempotency({ idempotency: level }: DescMethod): MethodDefinition<DescMethod>['options'] {
  if (level === Idempotency.IDEMPOTENT) return { idempotencyLevel: 'IDEMPOTENT' };
  return level === Idempotency.NO_SIDE_EFFECTS ? { idempotencyLevel: 'NO_SIDE_EFFECTS' } : {};
}
