import { toBinary, type Message } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { requestTypeOf } from '../../proto/json/methods.js';
import { methods } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import { messageOf } from '../support/arbitrary-messages.js';
import { filled } from '../support/engine-world.js';
import { KIND_CALLS } from '../support/random-history.js';

/** A request of a method of the contract. */
export interface Request {
  readonly method: Method;
  /** Index of the method. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Number of different sets of requests. To make one takes longer than a round. */
const SETS = 32;
const sets = new Map<number, readonly Request[]>();

/**
 * Returns valid requests of all methods: calls that meet on a few objects, and any message of each request's type. The calls that make the
 * objects come first.
 */
export function validRequests(seed: number): readonly Request[] {
  const set = seed % SETS;
  let requests = sets.get(set);
  if (requests === undefined) {
    requests = [...meetingCalls(set), ...anyRequests(set)];
    sets.set(set, requests);
  }
  return requests;
}

function meetingCalls(seed: number): Request[] {
  const writer = new Writer();
  const rows = Object.values(KIND_CALLS).flat();
  return rows.flatMap(([method, fields]) =>
    fc
      .sample(fc.record(fields), { numRuns: 2, seed })
      .map((request) => requestOf(method, encodeMessage(writer, method.input, filled(method, withTokens(request))))),
  );
}

/** The histories choose page tokens and fences by number. All other tokens are numbers, and small. */
function withTokens({ pageToken, fence, ...rest }: { readonly pageToken?: unknown; readonly fence?: unknown }): object {
  return {
    ...rest,
    ...(pageToken !== undefined && { pageToken: typeof pageToken === 'number' ? `${pageToken}.1` : pageToken }),
    ...(fence !== undefined && { fence: typeof fence === 'number' ? { name: 'value', token: fence } : fence }),
  };
}

function anyRequests(seed: number): Request[] {
  return methods.map((method) => {
    const type = requestTypeOf(method.name)!;
    const [message] = fc.sample(messageOf(type), { numRuns: 1, seed });
    return requestOf(method, toBinary(type, onKnownObject(method, message!)));
  });
}

/** Most of the objects of {@link KIND_CALLS} are named after their kinds, as the services are. */
function onKnownObject({ service }: Method, message: Message): Message {
  const kind = service.slice(service.lastIndexOf('.') + 1, -'Service'.length).toLowerCase();
  return 'name' in message ? Object.assign(message, { name: kind }) : message;
}

function requestOf(method: Method, bytes: Uint8Array): Request {
  return { method, index: methods.indexOf(method), bytes };
}
