import type { Socket } from 'node:net';
import { tokenGuard } from './auth.js';
import type { GrpcServer } from './grpc/services.js';
import { listen, type Listener } from './listener.js';
import { ServedManager } from './manager.js';
import { resolveOptions, type ServerOptions } from './options.js';
import { loadTypes } from './register.js';
import { createSessionServer } from './session/http2.js';
import { SessionStream } from './session/session.js';
import type { Accept } from './session/stream.js';

/** How long the calls under way have to end when the server stops. */
const GRACE_MS = 2_000;

/** A manager that others can reach. */
export interface ManagerServer {
  /** Where it listens, as clients write it; the port is the real one. */
  readonly addresses: readonly string[];
  /** Stops in order: no new calls, those who wait are told, answers under way are sent. */
  close(): Promise<void>;
}

/** Starts a manager and listens. Throws where an address cannot be had, or an option is wrong. */
export async function startServer(options: ServerOptions = {}): Promise<ManagerServer> {
  const resolved = resolveOptions(options);
  const { descriptors } = resolved;
  // Descriptors that are of no use are to be known now, not when someone asks for them.
  const described =
    descriptors.length === 0 ? undefined : await import('./grpc/descriptors.js').then(({ describe }) => describe(descriptors));
  const manager = new ServedManager(resolved, await loadTypes(resolved.register));
  const guard = tokenGuard(resolved.token);
  const accept: Accept = (stream) => new SessionStream(stream, manager);
  const sessions = createSessionServer(accept, guard, manager.maxFrameBytes);
  const listeners: Listener[] = [];

  // The general gRPC server takes 50 ms to load, which a program that starts its own manager need not
  // wait for: it comes with the first connection that is not our SDK's.
  let grpc: Promise<GrpcServer> | undefined;
  const loadGrpc = (): Promise<GrpcServer> =>
    (grpc ??= import('./grpc/services.js').then(({ createGrpcServer }) => createGrpcServer(manager, accept, guard, described)));
  const receivers = {
    sdk: (socket: Socket) => sessions.inject(socket),
    grpc: (socket: Socket) =>
      void loadGrpc().then(
        (server) => server.inject(socket),
        // It may be found at the next connection, as when no descriptor was free.
        () => {
          grpc = undefined;
          socket.destroy();
        },
      ),
  };

  const close = async (): Promise<void> => {
    for (const listener of listeners) listener.close();
    const general = await grpc?.catch(() => undefined);
    general?.health.stop();
    manager.drain();
    // The last answers leave with this turn; then the sessions end, and with them their streams.
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of manager.sessions) session.leave();
    await Promise.all([sessions.close(GRACE_MS), general?.close(GRACE_MS)]);
    manager.engine.close();
  };
  try {
    for (const address of resolved.listen) listeners.push(await listen(address, receivers));
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: listeners.map(({ address }) => address), close };
}
