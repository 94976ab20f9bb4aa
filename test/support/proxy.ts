import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { parseAddress } from '../../proto/address.js';
import { drawing, type Draw } from './random.js';

/** Number of bytes that a proxy lets through before it cuts a connection: any from 1 up to these, chosen by chance. */
export interface Cuts {
  /** Largest number of bytes from the client to the manager. */
  readonly up: number;
  /** Largest number of bytes from the manager to the client. */
  readonly down: number;
  /** Seed of the choices. */
  readonly seed: number;
}

/** A proxy for the connections to a manager, which can cut them: when told, or by itself, anywhere in a frame. */
export class Proxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #draw: Draw;
  #open = true;
  /** Number of connections that it cut by itself. */
  cutCount = 0;

  private constructor(
    readonly server: Server,
    readonly target: string,
    private readonly cuts: Cuts | undefined,
  ) {
    this.#draw = drawing(cuts?.seed ?? 0);
    server.on('connection', (socket) => this.#connected(socket));
  }

  /** @param cuts if given, each connection is cut after some bytes, in the middle of a frame as likely as anywhere */
  static async to(target: string, cuts?: Cuts): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, target, cuts);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** A proxy that listens on a unix socket. */
  static async at(path: string, target: string): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, target, undefined);
    await once(server.listen(path), 'listening');
    return proxy;
  }

  get address(): string {
    const address = this.server.address()!;
    return typeof address === 'string' ? `unix:${address}` : `127.0.0.1:${address.port}`;
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Passes nothing on any more over the connections that are open now, and resets none of them. */
  stall(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
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
    for (const [from, to, most] of [
      [socket, other, this.cuts?.up],
      [other, socket, this.cuts?.down],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (most === undefined) from.pipe(to);
      else this.#forward(from, to, 1 + this.#draw(most));
    }
  }

  /** Passes on some bytes, then cuts the connection. */
  #forward(from: Socket, to: Socket, bytes: number): void {
    let left = bytes;
    from.on('end', () => to.end());
    from.on('data', (chunk) => {
      const part = (chunk as Buffer).subarray(0, left);
      left -= part.length;
      const writable = to.write(part, () => left === 0 && this.#over(from));
      if (left === 0 || !writable) from.pause();
      if (left > 0 && !writable) to.once('drain', () => from.resume());
    });
  }

  #over(from: Socket): void {
    if (from.destroyed) return;
    this.cutCount++;
    from.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
