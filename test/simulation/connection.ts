import type { ChannelEvents, SessionChannel } from '../../client/connect/transport/channel.js';
import { statusError } from '../../client/connect/transport/status-error.js';
import { ManagerUnavailableError, ProtocolError, type ManagerError } from '../../proto/errors.js';
import { Deframer, writePrefix } from '../../proto/wire/framing.js';
import type { Accept } from '../../server/session/stream.js';
import type { EventLoop } from './event-loop.js';
import { ManagerStream } from './manager-stream.js';
import type { SimulatedTime } from './time.js';
import { Wire, type Latency } from './wire.js';

/** Milliseconds that the manager has to end a connection in order. */
const CLOSING_MS = 1_000;
/** Time until the manager hears that the system of a client has closed a socket, in milliseconds. */
const CLOSES_MS = 5;
/** Capacities of connections, in bytes. Small ones make the sender wait. */
const CAPACITIES = [60, 600, 64 * 1024, 64 * 1024, 64 * 1024];

/** A thread of a client with its connections, as the network and the manager's system know it. */
export interface Site {
  readonly loop: EventLoop;
  /** Name of the host; undefined for that of the manager. */
  readonly host: string | undefined;
  readonly pid: number;
  readonly latency: Latency;
  /** Connections that are not over. */
  readonly connections: Set<Connection>;
  /** Answer to an attempt to connect. */
  reachable: 'yes' | 'refuses' | 'swallows' | 'slowly';
  /** True if no ping is answered. */
  pingsLost: boolean;
}

/** A cut of a connection, in milliseconds from its moment on. */
export interface CutPoints {
  /** Time until nothing arrives at the manager, and at the client. */
  readonly toManager: number;
  readonly toClient: number;
  /** Time until each side finds the connection broken. */
  readonly managerLearns: number;
  readonly clientLearns: number;
}

/** A process that takes connections. */
export interface Listener {
  readonly loop: EventLoop;
  /** Takes a stream, by the path of its method. */
  readonly accepts: ReadonlyMap<string, Accept>;
}

/** A connection: the client's channel, and with it the manager's stream. */
export class Connection implements SessionChannel {
  readonly #up: Wire;
  readonly #down: Wire;
  readonly #deframer: Deframer;
  readonly #stream: ManagerStream;
  readonly #loop: EventLoop;
  /** The process at the other end. */
  readonly #manager: EventLoop;
  #over = false;
  #closed: () => void = () => {};

  constructor(
    private readonly time: SimulatedTime,
    listener: Listener | undefined,
    /** The path of its method. */
    path: string,
    protected readonly site: Site,
    private readonly events: ChannelEvents,
  ) {
    const { loop, latency } = site;
    this.#loop = loop;
    // Nothing arrives at the loop of no process.
    const manager = (this.#manager = listener?.loop ?? loop);
    const capacity = CAPACITIES[loop.draw(CAPACITIES.length)]!;
    this.#deframer = new Deframer((message) => !this.#over && events.message(message));
    this.#up = new Wire(
      time,
      loop,
      manager,
      latency,
      capacity,
      (bytes) => this.#stream.receive(bytes),
      () => !this.#over && events.drain(),
    );
    this.#down = new Wire(
      time,
      manager,
      loop,
      latency,
      capacity,
      (bytes) => this.#receive(bytes),
      () => this.#stream.drained(),
    );
    this.#stream = new ManagerStream(this.#up, this.#down, {
      tell: (event) => this.#down.signal(event),
      ended: (headers) => this.#ended(headers),
      closed: () => this.#closed(),
    });
    site.connections.add(this);
    this.#open(listener?.accepts.get(path));
  }

  #open(accept: Accept | undefined): void {
    const { time } = this;
    const { loop, reachable } = this.site;
    if (accept === undefined) return loop.post(time.now + loop.draw(10), () => this.#break('connect ECONNREFUSED'));
    switch (reachable) {
      case 'yes':
        return this.#up.signal(() => this.#stream.open(accept));
      case 'slowly':
        return this.#up.signal(() => this.#stream.open(accept), 3000 + loop.draw(6000));
      case 'refuses':
        return loop.post(time.now + loop.draw(10), () => this.#break('connect EHOSTUNREACH'));
      case 'swallows':
        this.#up.stop(-1);
        this.#down.stop(-1);
    }
  }

  write(message: Buffer, sent?: (error?: Error | null) => void): boolean {
    writePrefix(message);
    if (!this.#over) return this.#up.send(message, sent && (() => sent(this.#over ? new Error('the stream was destroyed') : undefined)));
    if (sent) process.nextTick(sent, new Error('the stream was destroyed'));
    return false;
  }

  hold(): void {}

  ping(answered: () => void): void {
    if (this.#over) return;
    this.#up.signal(() => this.#stream.answerPing(() => !this.#over && !this.site.pingsLost && answered()));
  }

  close(): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#closed(), CLOSING_MS);
      this.#closed = () => {
        clearTimeout(timer);
        this.destroy();
        resolve();
      };
      this.#up.signal(() => this.#stream.clientEnded());
    });
  }

  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    // Until the manager learns of it, a cut or the death of the process can come first.
    this.#up.signal(() => {
      this.site.connections.delete(this);
      this.#stream.gone();
    });
  }

  /** The client's end is gone, and its system closes the socket. */
  abandon(): void {
    this.cut({ toManager: CLOSES_MS, toClient: 0, managerLearns: CLOSES_MS, clientLearns: 0 });
  }

  /** Breaks the connection, each direction and each side at its own time. */
  cut({ toManager, toClient, managerLearns, clientLearns }: CutPoints): void {
    const { time } = this;
    this.#up.stop(time.now + toManager);
    this.#down.stop(time.now + toClient);
    this.#manager.post(time.now + managerLearns, () => this.#stream.gone());
    this.#loop.post(time.now + clientLearns, () => this.#break('read ECONNRESET'));
  }

  #receive(bytes: Buffer): void {
    if (this.#over) return;
    try {
      this.#deframer.push(bytes);
    } catch (cause) {
      this.#end(new ProtocolError(`the manager sent ${(cause as Error).message}`, { cause }));
    }
  }

  #ended(headers: Record<string, string>): void {
    this.#end(statusError(headers));
    this.#closed();
  }

  #end(error: ManagerError): void {
    if (this.#over) return;
    this.destroy();
    this.events.ended(error);
  }

  #break(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.site.connections.delete(this);
    const cause = Object.assign(new Error(why), { code: why.split(' ')[1] });
    this.events.broken(new ManagerUnavailableError(`the connection failed: ${why}`, { cause }));
    this.#closed();
  }
}
