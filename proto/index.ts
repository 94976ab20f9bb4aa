// The contract for whoever wants a client of their own: messages, descriptors, and the services as
// nice-grpc takes them.
import { definitionOf } from './definitions.js';
import { DictService } from './gen/commonhold/v1/dict_pb.js';
import { ListService } from './gen/commonhold/v1/list_pb.js';
import { LockService } from './gen/commonhold/v1/lock_pb.js';
import { ManagerService } from './gen/commonhold/v1/manager_pb.js';
import { QueueService } from './gen/commonhold/v1/queue_pb.js';
import { SessionService } from './gen/commonhold/v1/session_pb.js';
import { ValueService } from './gen/commonhold/v1/value_pb.js';

export * from './gen/commonhold/v1/dict_pb.js';
export * from './gen/commonhold/v1/errors_pb.js';
export * from './gen/commonhold/v1/list_pb.js';
export * from './gen/commonhold/v1/lock_pb.js';
export * from './gen/commonhold/v1/manager_pb.js';
export * from './gen/commonhold/v1/options_pb.js';
export * from './gen/commonhold/v1/payload_pb.js';
export * from './gen/commonhold/v1/queue_pb.js';
export * from './gen/commonhold/v1/session_pb.js';
export * from './gen/commonhold/v1/value_pb.js';
export { definitionOf, type Definition, type MessageType, type MethodDefinition } from './definitions.js';

export const DictServiceDefinition = definitionOf(DictService);
export const ListServiceDefinition = definitionOf(ListService);
export const LockServiceDefinition = definitionOf(LockService);
export const ManagerServiceDefinition = definitionOf(ManagerService);
export const QueueServiceDefinition = definitionOf(QueueService);
export const SessionServiceDefinition = definitionOf(SessionService);
export const ValueServiceDefinition = definitionOf(ValueService);
