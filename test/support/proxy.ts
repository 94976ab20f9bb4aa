import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { parseAddress } from '../../proto/address.js';

/** A proxy for the connections to a manager, which can cut them. */
export class Proxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #open = true;

  private constructor(
    readonly server: Server,
    readonly target: string,
  ) {
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async to(target: string): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, target);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resets all connections, and new ones until {@link mend}. */
  close(): void {
    this.#open = false;
    this.cut();
  }

  mend(): void {
    this.#open = true;
  }

  #connected(socket: Socket): void {
    if (!this.#open) {
      socket.destroy();
      return;
    }
    const address = parseAddress(this.target);
    const other = 'path' in address ? connect(address.path) : connect(address);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
