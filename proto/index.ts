// The contract for clients in other programs: its messages and descriptors, and its services as nice-grpc takes them.
export * from './gen/commonhold/v1/index_pb.js';
export { messageSchema } from './message-schema.js';
export type { MessageSchema } from './codec/message.js';
export { definitionOf, type Definition, type MessageType, type MethodDefinition } from './definitions.js';
