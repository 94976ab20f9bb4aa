import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status,
  type handleBidiStreamingCall,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { UnauthenticatedError, type ManagerError } from '../../proto/errors.js';
import { services } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { ServedManager } from '../manager.js';
import type { Share } from '../traffic/slices.js';
import type { Accepts } from '../session/stream.js';
import { serveStreams } from '../traffic/streams.js';
import type { Access, Admit } from '../access/tokens.js';
import { Connections, cutOff } from '../traffic/connections.js';
import { IncomingMessage } from '../traffic/incoming.js';
import type { Described } from './descriptors.js';
import { failure } from './failure.js';
import { frameStream, type OpenedStream } from './frame-stream.js';
import { Health } from './health.js';
import { callerOf, unary } from './unary.js';

const SESSION = 'commonhold.v1.SessionService';
const HEALTH = 'grpc.health.v1.Health';
const REFLECTION = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/** Header that tells handlers the number of their connection, which the library does not pass on. Set here, whatever the client has sent. */
const CONNECTION_HEADER = 'commonhold-connection';

/** Calls that a connection can have at a time: it can cancel them all together, see `Connections`. */
const STREAMS = 400;

/** Streaming sides of a method. */
const UNARY = { requestStream: false, responseStream: false };
const SERVER_STREAM = { requestStream: false, responseStream: true };
const BIDI = { requestStream: true, responseStream: true };

/** The general gRPC server: serves all methods to grpcurl and to clients in any language. */
export interface GrpcServer {
  readonly health: Health;
  /** Takes over a connection. */
  inject(socket: Socket): void;
  /** Stops gracefully. Resolves when the calls in progress have ended, after the grace period at the latest. */
  close(graceMs: number): Promise<void>;
}

/** @param described descriptors for reflection. Default: the contract */
export function createGrpcServer(manager: ServedManager, accepts: Accepts, admit: Admit, described?: Described): GrpcServer {
  // The library would log metadata that it cannot read, which may include a token.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': manager.maxFrameBytes,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
    'grpc.max_concurrent_streams': STREAMS,
  });
  let opened: OpenedStream;
  const connections = new Connections();
  const shareOf = ({ metadata }: AnyCall): Share => connections.share(Number(metadata.get(CONNECTION_HEADER)[0]));
  const health = addServices(server, manager, accepts, admit, () => opened, shareOf, described);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const serve = (http2: Http2Server, listeners: readonly StreamListener[]): void =>
    serveStreams(http2, admit, connections, manager, (_access, ...call) => {
      const [stream, headers] = call;
      dropLongDeadline(headers);
      headers[CONNECTION_HEADER] = String(connections.number(stream.session));
      const incoming = new IncomingMessage(manager, stream, () => cutOff(stream), !accepts.has(headers[':path']!));
      stream.on('data', (chunk: Buffer) => incoming.take(chunk));
      opened = { stream, incoming };
      for (const listener of listeners) listener.apply(http2, call);
    });
  takeStreams(server, serve);
  return {
    health,
    inject: (socket) => connections.inject(socket, () => injector.injectConnection(socket)),
    async close(graceMs) {
      const ended = connections.close(graceMs);
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      injector.drain(graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
      await ended;
    },
  };
}

type StreamListener = (...call: unknown[]) => void;

/** Has the streams of a server served by a function instead of its listeners, which would answer some with an uncaught error. */
function takeStreams(server: Server, serve: (http2: Http2Server, listeners: readonly StreamListener[]) => void): void {
  // The library gives no access to its HTTP/2 server. If a release renames this field, connections of general clients fail, and tests with
  // them.
  const { http2Servers } = server as unknown as { http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2 of http2Servers.keys()) {
    const listeners = http2.listeners('stream') as StreamListener[];
    http2.removeAllListeners('stream');
    serve(http2, listeners);
  }
}

/** Milliseconds of the units of `grpc-timeout` that can express a long time. */
const UNIT_MS: Partial<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };

/**
 * Drops a deadline of 24.8 days or more. It overflows 32 bits, so grpc-js would treat it as past. The client has the same deadline, and
 * cancels the call then.
 */
function dropLongDeadline(headers: IncomingHttpHeaders): void {
  const timeout = headers['grpc-timeout'];
  if (typeof timeout !== 'string') return;
  const ms = Number.parseInt(timeout, 10) * (UNIT_MS[timeout.at(-1)!] ?? 1);
  if (ms >= 2 ** 31) delete headers['grpc-timeout'];
}

/**
 * Adds all services, for clients that are admitted.
 * @param opened returns the stream that the library serves now, which it does not pass on
 */
function addServices(
  server: Server,
  manager: ServedManager,
  accepts: Accepts,
  admit: Admit,
  opened: () => OpenedStream,
  shareOf: (call: AnyCall) => Share,
  described: Described | undefined,
): Health {
  const add = (service: string, name: string, streams: typeof UNARY, handler: AnyHandler): void => {
    server.addService(
      { [name]: { path: `/${service}/${name}`, ...streams, ...BYTES } },
      { [name]: withAccess(handler, admit, `${service}/${name}`, streams.responseStream) },
    );
  };
  const { machine } = manager;
  for (const [index, { method }] of machine.routes.entries()) {
    const [service, name] = method.name.split('/') as [string, string];
    const start = unary(manager, index);
    add(service, name, UNARY, (call, done, access) => {
      const took = (ms: number): void => {
        if (manager.calls.took(index, ms)) manager.calls.wasSlow(index, ms, call.request, callerOf(call, access));
      };
      manager.slices.run(shareOf(call), () => start(call, done, access), took);
    });
  }
  for (const [path, accept] of accepts) {
    const method = path.slice(1);
    const serve = frameStream(method, accept);
    add(SESSION, method.slice(SESSION.length + 1), BIDI, (call, _, access) => serve(call, access, opened()));
  }

  const ours = [...services.map(({ typeName }) => typeName), SESSION];
  const health = new Health(new Set(ours));
  manager.watch((takesChanges) => health.report(takesChanges));
  add(HEALTH, 'Check', UNARY, health.check);
  add(HEALTH, 'List', UNARY, health.list);
  add(HEALTH, 'Watch', SERVER_STREAM, lasting(manager, `${HEALTH}/Watch`, health.watch));

  const reflection = lazyReflection([...ours, HEALTH, ...REFLECTION], described);
  const name = 'ServerReflectionInfo';
  for (const service of REFLECTION) add(service, name, BIDI, lasting(manager, `${service}/${name}`, reflection));
  return health;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Passes messages to and from the handlers as bytes. */
const BYTES = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };

/** Loads reflection with the first request for it, because few clients need it and a daemon should start fast. */
function lazyReflection(names: readonly string[], described: Described | undefined): handleBidiStreamingCall<Buffer, Buffer> {
  let serving: Promise<handleBidiStreamingCall<Buffer, Buffer>> | undefined;
  return (stream) => {
    serving ??= import('./reflection.js').then(async ({ Reflection, serveReflection }) =>
      serveReflection(await Reflection.load(names, described)),
    );
    serving.then(
      (serve) => serve(stream),
      (error: unknown) => stream.emit('error', { code: status.INTERNAL, details: `reflection: ${String(error)}` }),
    );
  };
}

type AnyCall = ServerDuplexStream<Buffer, Buffer> & ServerUnaryCall<Buffer, Buffer>;
type AnyHandler = (call: AnyCall, done: sendUnaryData<Buffer>, access: Access) => void;

/** Has the streams of a handler end with their tokens. */
function lasting(manager: ServedManager, method: string, handler: (call: AnyCall) => void): AnyHandler {
  return (call, _, access) => {
    const stream = { access, fail: (error: ManagerError) => void call.emit('error', failure(error, method)) };
    manager.lasting.add(stream);
    for (const end of ['cancelled', 'error', 'finish'] as const) call.once(end, () => manager.lasting.delete(stream));
    handler(call);
  };
}

/** Gives a handler the access of its client, which was admitted by the headers of the stream. The library passes on no more of them than the metadata. */
function withAccess(handler: AnyHandler, admit: Admit, method: string, streams: boolean): UntypedHandleCall {
  const checked = (call: AnyCall, done: sendUnaryData<Buffer>): void => {
    const access = admit(call.metadata.get('authorization')[0]?.toString());
    if (!(access instanceof UnauthenticatedError)) handler(call, done, access);
    else if (streams) call.emit('error', failure(access, method));
    else done(failure(access, method));
  };
  return checked as UntypedHandleCall;
}
