import type { DescMessage, DescService } from '@bufbuild/protobuf';
import * as contract from '../gen/commonhold/v1/index_pb.js';

/** The type of the request of each method, by its full name. */
const requests = new Map<string, DescMessage>();
for (const part of Object.values<unknown>(contract)) {
  if (!isService(part)) continue;
  for (const { name, input } of part.methods) requests.set(`${part.typeName}/${name}`, input);
}

function isService(part: unknown): part is DescService {
  return typeof part === 'object' && part !== null && 'kind' in part && part.kind === 'service';
}

/** Returns the type of the requests of a method. @param method its full name, as "commonhold.v1.DictService/Set" */
export function requestTypeOf(method: string): DescMessage | undefined {
  return requests.get(method);
}
