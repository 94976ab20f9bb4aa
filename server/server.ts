import { Server, ServerCredentials, status, type handleBidiStreamingCall, type handleUnaryCall, type Metadata, type ServerDuplexStream, type UntypedHandleCall } from '@grpc/grpc-js';
import { services } from '../proto/methods.js';
import { formatAddress, type Address } from '../proto/address.js';
import { tokenGuard, type Refusal } from './grpc/auth.js';
import { Health } from './grpc/health.js';
import { serveSession } from './grpc/stream.js';
import { unary } from './grpc/unary.js';
import { Manager } from './manager.js';
import { resolveOptions, type ServerOptions } from './options.js';
import { claimSocket } from './socket.js';

/** How long the calls under way have to end when the server stops. */
const GRACE_MS = 2_000;
/** Room for what frames carry beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** A manager that others can reach. */
export interface ManagerServer {
  /** Where it listens, as clients write it; the port is the real one. */
  readonly addresses: readonly string[];
  /** Stops in order: no new calls, those who wait are told, answers under way are sent. */
  close(): Promise<void>;
}

/** Starts a manager and listens. Throws where an address cannot be had. */
export async function startServer(options: ServerOptions = {}): Promise<ManagerServer> {
  const resolved = resolveOptions(options);
  const manager = new Manager(resolved);
  const server = new Server({
    'grpc.max_receive_message_length': resolved.maxPayload + FRAMING_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
  });
  const health = addServices(server, manager, resolved.token);
  const addresses: string[] = [];
  try {
    for (const address of resolved.listen) addresses.push(await listen(server, address));
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
  return { addresses, close: () => close(server, manager, health) };
}

/** One method as grpc-js takes it: bytes in, bytes out. */
function definition(path: string, requestStream: boolean, responseStream: boolean) {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return { path, requestStream, responseStream, requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };
}

/** Adds every service to the server, behind the token. */
function addServices(server: Server, manager: Manager, token: string | undefined): Health {
  const guard = tokenGuard(token);
  const add = (service: string, name: string, [requests, responses]: readonly [boolean, boolean], handler: UntypedHandleCall): void => {
    server.addService({ [name]: definition(`/${service}/${name}`, requests, responses) }, { [name]: guarded(handler, guard, responses) });
  };
  const UNARY = [false, false] as const;
  const BIDI = [true, true] as const;

  for (const route of manager.routes) {
    const [service, name] = route.method.name.split('/') as [string, string];
    add(service, name, UNARY, unary(route, manager));
  }
  const SESSION = 'commonhold.v1.SessionService';
  add(SESSION, 'Connect', BIDI, ((stream) => serveSession(stream, manager)) as handleBidiStreamingCall<Buffer, Buffer>);

  const names = [...services.map(({ typeName }) => typeName), SESSION];
  const health = new Health(new Set(names));
  const HEALTH = 'grpc.health.v1.Health';
  add(HEALTH, 'Check', UNARY, health.check as handleUnaryCall<Buffer, Buffer>);
  add(HEALTH, 'List', UNARY, health.list);
  add(HEALTH, 'Watch', [false, true], health.watch);

  for (const version of ['v1', 'v1alpha']) {
    const service = `grpc.reflection.${version}.ServerReflection`;
    add(service, 'ServerReflectionInfo', BIDI, lazyReflection([...names, HEALTH, 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection']));
  }
  return health;
}

/** Reflection is loaded when first asked for: few ask, and a daemon should start fast. */
function lazyReflection(names: readonly string[]): handleBidiStreamingCall<Buffer, Buffer> {
  let serving: Promise<handleBidiStreamingCall<Buffer, Buffer>> | undefined;
  return (stream) => {
    serving ??= import('./grpc/reflection.js').then(async ({ Reflection, serveReflection }) => serveReflection(await Reflection.load(names)));
    serving.then(
      (serve) => serve(stream),
      (error: unknown) => stream.emit('error', { code: status.INTERNAL, details: `reflection: ${String(error)}` }),
    );
  };
}

type AnyCall = ServerDuplexStream<Buffer, Buffer> & { metadata: Metadata };
type AnyHandler = (call: AnyCall, done: (refusal: Refusal) => void) => void;

function guarded(handler: UntypedHandleCall, guard: (metadata: Metadata) => Refusal | undefined, streams: boolean): UntypedHandleCall {
  const checked: AnyHandler = (call, done) => {
    const refusal = guard(call.metadata);
    if (refusal === undefined) (handler as AnyHandler)(call, done);
    else if (streams) call.emit('error', refusal);
    else done(refusal);
  };
  return checked as UntypedHandleCall;
}

async function listen(server: Server, address: Address): Promise<string> {
  const bind = (target: string): Promise<number> =>
    new Promise((resolve, reject) => {
      server.bindAsync(target, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
    });
  if ('path' in address) {
    await claimSocket(address.path, () => bind(`unix:${address.path}`));
    return formatAddress(address);
  }
  const port = await bind(formatAddress(address));
  return formatAddress({ host: address.host, port });
}

async function close(server: Server, manager: Manager, health: Health): Promise<void> {
  health.stop();
  manager.drain();
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  // Their last answers leave with this turn; then the sessions end, and with them their streams.
  await new Promise((resolve) => setImmediate(resolve));
  for (const session of manager.sessions) session.leave();
  const timer = setTimeout(() => server.forceShutdown(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}
