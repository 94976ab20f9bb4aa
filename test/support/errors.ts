import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { ErrorSchema, type Error as TypedError } from 'commonhold/proto';
import { StatusSchema } from '../../proto/gen/google/rpc/status_pb.js';
import type { Ending } from './grpc.js';

/** The typed error in the details of a failed unary call. */
export function errorOf({ details, message }: Ending): TypedError {
  if (details === undefined) throw new Error(`no details: ${message}`);
  const error = fromBinary(StatusSchema, details).details[0];
  const typed = error && anyUnpack(error, ErrorSchema);
  if (typed === undefined) throw new Error(`no typed error: ${message}`);
  return typed;
}
