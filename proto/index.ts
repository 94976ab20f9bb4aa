// The contract for clients without the SDK: its messages and descriptors, and its services in the form of nice-grpc.
export * from './gen/commonhold/v1/index_pb.js';
export { messageSchema } from './message-schema.js';
export type { MessageSchema } from './codec/message.js';
export { definitionOf, type Definition, type MessageType, type MethodDefinition } from './definitions.js';
