import { newMachine } from '../engine/system.js';
import type { Socket } from 'node:net';
import { ManagerUnavailableError } from '../proto/errors.js';
import { CONNECT_PATH, HEARTBEAT_PATH } from '../proto/session-stream.js';
import type { DurableManager } from './durable.js';
import type { GrpcServer } from './grpc/services.js';
import { listen, receive, type Listener, type Receivers } from './listener.js';
import { ServedManager } from './manager.js';
import type { ObservationServer } from './observation/http.js';
import { openLogger } from './observation/open-logger.js';
import { openTracer } from './observation/open-tracer.js';
import { assertLogOptions, resolveOptions, type ResolvedOptions, type PlacedOptions } from './options.js';
import { loadTypes } from './register.js';
import { createSessionServer } from './session/http2.js';
import { Handshake } from './session/handshake.js';
import { HeartbeatStream } from './session/heartbeats.js';
import type { Accept, Accepts } from './session/stream.js';
import { admitOverHttp } from './access/exposure.js';
import { TlsServer } from './access/tls.js';
import type { Admit } from './access/tokens.js';
import { peerOf } from './traffic/peer-address.js';
import { refuse } from './traffic/refusal.js';

/** Time for calls in progress to end when the server stops, in milliseconds. */
const GRACE_MS = 2_000;

/** A manager that clients can reach. */
export interface ManagerServer {
  /** Addresses that it listens on, in the form that clients take, with real ports. */
  readonly addresses: readonly string[];
  /** Describes the state that it went on from; undefined if there was none. */
  readonly found: string | undefined;
  /** Address of the console, metrics and health, with its real port; undefined if they are not served. */
  readonly http: string | undefined;
  /**
   * Reads the files of its certificate and its tokens again. New connections get the certificate. Sessions whose token is gone end, and other
   * rights hold from the next call.
   * @throws InvalidArgumentError if one cannot be used: then everything stays as it is
   */
  reload(): void;
  /**
   * Stops gracefully: refuses new calls, fails waiting ones, and sends the answers in progress. A manager with a data directory leaves its sessions
   * and their waiting calls to the next one, which goes on with them.
   */
  close(): Promise<void>;
}

/** Starts a manager, and listens. Throws if it cannot listen on an address, or if an option is invalid. */
export async function startServer(options: PlacedOptions = {}): Promise<ManagerServer> {
  assertLogOptions(options);
  const logger = options.logger ?? (await openLogger(options.logLevel, options.logFormat));
  const resolved = resolveOptions(options, logger, await openTracer(options.otlp));
  const types = await loadTypes(resolved.register);
  if (resolved.log === undefined) return serve(new ServedManager(resolved, newMachine(types)), resolved);
  // Loaded only where it is needed, so that other managers start sooner.
  const { DurableManager } = await import('./durable.js');
  const durable = await DurableManager.start(resolved, types);
  return serve(durable.manager, resolved, durable);
}

/** Listens for the clients of a manager. Throws if it cannot listen on an address. */
export async function serve(manager: ServedManager, resolved: ResolvedOptions, durable?: DurableManager): Promise<ManagerServer> {
  const { descriptors } = resolved;
  // Read now, so that the start fails if they are invalid, and not the first request for reflection.
  const described =
    descriptors.length === 0 ? undefined : await import('./grpc/descriptors.js').then(({ describe }) => describe(descriptors));
  const admit: Admit = (authorization) => manager.tokens.admit(authorization);
  const accepts: Accepts = new Map<string, Accept>([
    [CONNECT_PATH, (stream, access) => new Handshake(stream, manager, access)],
    [HEARTBEAT_PATH, (stream, access) => new HeartbeatStream(stream, manager, access)],
  ]);
  const sessions = createSessionServer(accepts, admit, manager);
  const listeners: Listener[] = [];

  // The general gRPC server takes 50 ms to load. A program that starts its own manager should not wait for it, so it is loaded with the
  // first connection of a client other than our SDK.
  let grpc: Promise<GrpcServer> | undefined;
  const loadGrpc = (): Promise<GrpcServer> =>
    (grpc ??= import('./grpc/services.js').then(({ createGrpcServer }) => createGrpcServer(manager, accepts, admit, described)));
  const receivers: Receivers = {
    refused(socket, why) {
      manager.logger.often('a connection was refused', { reason: why, client: peerOf(socket) });
      refuse(socket, why);
    },
    failed: (error) => manager.logger.often('a connection could not be accepted', { reason: error.message }),
    sdk: (socket: Socket) => sessions.inject(socket),
    grpc: (socket: Socket) =>
      void loadGrpc().then(
        (server) => server.inject(socket),
        // Loading may work at the next connection, for example once a file descriptor is free.
        () => {
          grpc = undefined;
          socket.destroy();
        },
      ),
  };
  let tls: TlsServer | undefined;

  let observation: ObservationServer | undefined;
  const close = async (): Promise<void> => {
    for (const listener of listeners) listener.close();
    observation?.close();
    const general = await grpc?.catch(() => undefined);
    general?.health.stop();
    if (durable !== undefined) return leave(durable, general);
    manager.machine.drain('the manager is going away');
    // The last answers are sent in this turn. Only then may the sessions end, and their streams with them.
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of manager.sessions.values()) session.end(new ManagerUnavailableError('the manager went away'));
    await Promise.all([sessions.close(GRACE_MS), general?.close(GRACE_MS)]);
    manager.machine.engine.close();
    await manager.tracer?.close();
  };
  // The clients of a durable manager find that their connections broke, and go on with the next one.
  const leave = async (durable: DurableManager, general: GrpcServer | undefined): Promise<void> => {
    await durable.flushed();
    for (const session of manager.sessions.values()) session.stop();
    await Promise.all([sessions.close(0), general?.close(0)]);
    await durable.close();
    await manager.tracer?.close();
  };
  try {
    if (resolved.tls !== undefined)
      tls = new TlsServer(
        resolved.tls,
        (socket) => receive(socket, receivers),
        (socket, why) => receivers.refused(socket, why),
      );
    // Loaded only where it is asked for.
    if (resolved.http !== undefined) {
      const { serveObservation } = await import('./observation/http.js');
      observation = await serveObservation(resolved.http, manager, admitOverHttp(admit, resolved));
    }
    for (const address of resolved.listen) listeners.push(await listen(address, receivers, (socket) => manager.admit(socket), tls));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    addresses: listeners.map(({ address }) => address),
    found: durable?.found,
    http: observation?.address,
    reload() {
      const tokens = manager.tokens.readAgain();
      tls?.reload();
      manager.authorize(tokens);
    },
    close,
  };
}
