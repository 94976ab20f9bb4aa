import type { IncomingMessage as HttpRequest, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  InvalidArgumentError,
  PayloadTooLargeError,
  UnauthenticatedError,
  statusOf,
  toWire,
  type ManagerError,
} from '../../proto/errors.js';
import { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import { encodeMessage } from '../../proto/wire/message.js';
import { Status } from '../../proto/status.js';
import { Writer } from '../../proto/wire/writer.js';
import type { ServedManager } from '../manager.js';
import { IncomingMessage } from '../traffic/incoming.js';
import { peerOf } from '../traffic/peer-address.js';
import { Share } from '../traffic/slices.js';
import { PAYLOADS_HEADER, REQUEST_ID_HEADER, startUnaryCall, TRACE_HEADER } from '../unary-call.js';
import type { Admit } from '../access/tokens.js';
import type { CallOrigin } from './calls.js';

/** The code and the HTTP status of a failed call in the Connect protocol, by its status in gRPC. */
const FAILURES: Readonly<Record<number, readonly [code: string, status: number]>> = {
  [Status.CANCELLED]: ['canceled', 499],
  [Status.UNKNOWN]: ['unknown', 500],
  [Status.INVALID_ARGUMENT]: ['invalid_argument', 400],
  [Status.DEADLINE_EXCEEDED]: ['deadline_exceeded', 504],
  [Status.NOT_FOUND]: ['not_found', 404],
  [Status.ALREADY_EXISTS]: ['already_exists', 409],
  [Status.PERMISSION_DENIED]: ['permission_denied', 403],
  [Status.RESOURCE_EXHAUSTED]: ['resource_exhausted', 429],
  [Status.FAILED_PRECONDITION]: ['failed_precondition', 400],
  [Status.ABORTED]: ['aborted', 409],
  [Status.OUT_OF_RANGE]: ['out_of_range', 400],
  [Status.UNIMPLEMENTED]: ['unimplemented', 501],
  [Status.INTERNAL]: ['internal', 500],
  [Status.UNAVAILABLE]: ['unavailable', 503],
  [Status.DATA_LOSS]: ['data_loss', 500],
  [Status.UNAUTHENTICATED]: ['unauthenticated', 401],
};

const writer = new Writer();

/**
 * Serves the methods of the contract as `POST /commonhold.v1.Service/Method` over HTTP/1.1, as the Connect protocol has unary calls: the body
 * is the message in protobuf, and an answer as well; an error is JSON, with the typed error in its details.
 */
export class UnaryEndpoint {
  /** Index of each method among the machine's routes, by its path. */
  readonly #methods: ReadonlyMap<string, number>;
  readonly #shares = new WeakMap<Socket, Share>();

  constructor(
    private readonly manager: ServedManager,
    private readonly admit: Admit,
  ) {
    this.#methods = new Map(manager.machine.routes.map(({ method }, index) => [`/${method.name}`, index]));
  }

  has(path: string): boolean {
    return this.#methods.has(path);
  }

  /** Serves a request of a path that it {@link has}. */
  serve(path: string, request: HttpRequest, response: ServerResponse): void {
    const fail = (error: ManagerError): void => sendError(response, path.slice(1), error);
    if (request.headers['content-type'] !== 'application/proto') {
      response.setHeader('accept-post', 'application/proto');
      return fail(new InvalidArgumentError('the content-type must be application/proto: the body is the message in protobuf'));
    }
    const { manager } = this;
    const access = this.admit(request.headers.authorization);
    const client = peerOf(request.socket);
    if (access instanceof UnauthenticatedError) {
      manager.logger.often('a call was refused', { reason: access.message, client, method: path });
      return fail(access);
    }
    const method = this.#methods.get(path)!;
    const header = (name: string): string | undefined => request.headers[name]?.toString();
    const origin: CallOrigin = { sessionId: '', label: `HTTP call from ${client}`, token: access.token };
    const caller = { access, origin, peer: client, trace: header(TRACE_HEADER) };
    const start = (bytes: Buffer): void => {
      // Its caller has gone already.
      if (response.destroyed) return;
      const call = { id: header(REQUEST_ID_HEADER), method, bytes, packed: header(PAYLOADS_HEADER) === 'packed' };
      const cancel = startUnaryCall(manager, call, caller, (answer) => {
        if (answer instanceof Error) return fail(answer);
        response.writeHead(200, { ...HEADERS, 'content-type': 'application/proto' }).end(answer);
      });
      // Closed before it was answered: the caller has gone.
      response.once('close', () => {
        if (!response.writableEnded) cancel();
      });
    };
    this.#receive(request, response, fail, (bytes) => {
      const took = (ms: number): void => {
        if (manager.calls.took(method, ms)) manager.calls.wasSlow(method, ms, bytes, origin);
      };
      manager.slices.run(this.#share(request.socket), () => start(bytes), took);
    });
  }

  /** Collects the body. @param received not called if the caller has gone meanwhile */
  #receive(request: HttpRequest, response: ServerResponse, fail: (error: ManagerError) => void, received: (bytes: Buffer) => void): void {
    const { manager } = this;
    const { socket } = request;
    const incoming = new IncomingMessage(manager, response, () => socket.destroy(), true);
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      incoming.take(chunk);
      length += chunk.length;
      if (length <= manager.maxFrameBytes) return void chunks.push(chunk);
      request.removeAllListeners('data').removeAllListeners('end').resume();
      fail(new PayloadTooLargeError(`a request of more than ${manager.maxFrameBytes} bytes (--max-payload)`));
    });
    request.on('end', () => {
      incoming.completed();
      received(Buffer.concat(chunks));
    });
  }

  #share(socket: Socket): Share {
    let share = this.#shares.get(socket);
    if (share === undefined) this.#shares.set(socket, (share = new Share()));
    return share;
  }
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function sendError(response: ServerResponse, method: string, error: ManagerError): void {
  const [code, status] = FAILURES[statusOf(error)]!;
  const detail = encodeMessage(writer, WireError, { ...toWire(error), method }) as Buffer;
  // The protocol leaves out the padding.
  const value = detail.toString('base64').replace(/=+$/, '');
  const body = { code, message: error.message, details: [{ type: WireError.typeName, value }] };
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
