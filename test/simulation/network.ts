import type { ChannelEvents, SessionChannel } from '../../client/connect/transport/channel.js';
import { statusError } from '../../client/connect/transport/status-error.js';
import { ManagerUnavailableError, ProtocolError, type ManagerError } from '../../proto/errors.js';
import { encodeMessage, Status } from '../../proto/status.js';
import { readEarly, readHello, readWelcome, writeHello } from '../../proto/wire/frames.js';
import { Deframer, PREFIX_BYTES, writePrefix } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { callStatus } from '../../server/status.js';
import type { Accept, FrameEvents, FrameStream } from '../../server/session/stream.js';
import type { EventLoop } from './event-loop.js';
import type { SimulatedTime } from './time.js';
import { Wire, type Latency } from './wire.js';

/** Milliseconds that the manager has to end a connection in order. */
const CLOSING_MS = 1_000;
/** Capacities of connections, in bytes. Small ones make the sender wait. */
const CAPACITIES = [60, 600, 64 * 1024, 64 * 1024, 64 * 1024];

/** A host with the process of a client, as the network and the manager's system know it. */
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

/** Frames that have arrived. */
interface Arrived {
  /** Number of frames that will not come again. */
  forGood: number;
  /** Number of early ones since the last that was not. */
  early: number;
}

/** A process that takes connections. */
interface Listener {
  readonly loop: EventLoop;
  readonly accept: Accept;
}

/** The network between the clients of a world and its manager. */
export class Network {
  /** Number of connections so far. */
  opened = 0;
  /** Number of frames that have arrived in each session, beside those with a welcome. */
  readonly arrived = new Map<string, Arrived>();
  /** The process of the manager that takes connections, if one does. */
  listener: Listener | undefined;

  constructor(readonly time: SimulatedTime) {}

  /** A process of the manager takes connections from now on. */
  listen(loop: EventLoop, accept: Accept): void {
    this.listener = { loop, accept };
  }

  /** No process takes connections from now on. */
  refuse(): void {
    this.listener = undefined;
  }

  /** Opens a connection from a client. */
  connect(site: Site, events: ChannelEvents): SessionChannel {
    this.opened++;
    return new Connection(this, site, events);
  }
}

/** A connection: the client's channel, and with it the manager's stream. */
export class Connection implements SessionChannel {
  readonly #up: Wire;
  readonly #down: Wire;
  readonly #deframer: Deframer;
  readonly #stream: ManagerStream;
  /** The process at the other end. */
  readonly #manager: EventLoop;
  #greeted = false;
  /** Id of the session, once the manager has said it. */
  #session = '';
  #over = false;
  #closed: () => void = () => {};

  constructor(
    private readonly network: Network,
    private readonly site: Site,
    private readonly events: ChannelEvents,
  ) {
    const { time, listener } = network;
    const { loop, latency } = site;
    // Nothing arrives at the loop of no process.
    const manager = (this.#manager = listener?.loop ?? loop);
    const capacity = CAPACITIES[loop.draw(CAPACITIES.length)]!;
    this.#deframer = new Deframer((message) => !this.#over && this.#arrived(message));
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
    this.#open(listener);
  }

  #arrived(message: Buffer): void {
    const welcome = readWelcome(new Reader(), message);
    if (welcome === undefined) this.#count(message);
    else this.#welcomed(welcome.sessionId);
    this.events.message(message);
  }

  #welcomed(session: string): void {
    this.#session = session;
    const { arrived } = this.network;
    arrived.set(session, { forGood: arrived.get(session)?.forGood ?? 0, early: 0 });
  }

  #count(message: Buffer): void {
    const arrived = this.network.arrived.get(this.#session)!;
    if (readEarly(new Reader(), message)) {
      arrived.early++;
    } else {
      arrived.forGood += arrived.early + 1;
      arrived.early = 0;
    }
  }

  #open(listener: Listener | undefined): void {
    const { time } = this.network;
    const { loop, reachable } = this.site;
    if (listener === undefined) return loop.post(time.now + loop.draw(10), () => this.#break('connect ECONNREFUSED'));
    const { accept } = listener;
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
    const bytes = this.#greeted ? message : this.#greet(message);
    this.#greeted = true;
    if (!this.#over) return this.#up.send(bytes, sent && (() => sent(this.#over ? new Error('the stream was destroyed') : undefined)));
    if (sent) process.nextTick(sent, new Error('the stream was destroyed'));
    return false;
  }

  /** All clients of a world are one process: the manager has to see one of its own of each. */
  #greet(message: Buffer): Buffer {
    const hello = readHello(new Reader(), message.subarray(PREFIX_BYTES))!;
    const writer = new Writer();
    writer.leave(PREFIX_BYTES);
    const { pid, host = hello.host } = this.site;
    const hostId = hello.hostId && (this.site.host ?? hello.hostId);
    writeHello(writer, { ...hello, pid, host, hostId, thread: 0, threadStart: 0 });
    const own = writer.take();
    writePrefix(own);
    return own;
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

  /** Breaks the connection, each direction and each side at its own time. */
  cut({ toManager, toClient, managerLearns, clientLearns }: CutPoints): void {
    const { time } = this.network;
    this.#up.stop(time.now + toManager);
    this.#down.stop(time.now + toClient);
    this.#manager.post(time.now + managerLearns, () => this.#stream.gone());
    this.site.loop.post(time.now + clientLearns, () => this.#break('read ECONNRESET'));
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

/** The client's side of a connection, as the manager's side reaches it. */
interface ToClient {
  tell(event: () => void): void;
  ended(headers: Record<string, string>): void;
  closed(): void;
}

/** The manager's side of a connection. */
class ManagerStream implements FrameStream {
  readonly peer = 'a simulated client';
  #events: FrameEvents | undefined;
  readonly #deframer: Deframer;
  #ended = false;
  #gone = false;

  constructor(
    private readonly up: Wire,
    private readonly down: Wire,
    private readonly client: ToClient,
  ) {
    this.#deframer = new Deframer((frame) => this.#events?.frame(frame));
  }

  open(accept: Accept): void {
    if (!this.#gone) this.#events = accept(this, { token: undefined });
  }

  receive(bytes: Buffer): void {
    if (this.#gone) return;
    try {
      this.#deframer.push(bytes);
    } catch (error) {
      this.#events?.refuse(new ProtocolError((error as Error).message));
    }
  }

  drained(): void {
    if (!this.#gone) this.#events?.writable();
  }

  answerPing(answered: () => void): void {
    if (!this.#gone) this.client.tell(answered);
  }

  /** The client has ended its side in order. */
  clientEnded(): void {
    if (this.#gone) return;
    this.#events?.ended();
    this.end();
  }

  /** The connection is gone. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events?.ended();
  }

  get unread(): number {
    return this.down.unsent;
  }

  write(frame: Buffer): boolean {
    if (this.#gone || this.#ended) return true;
    writePrefix(frame);
    return this.down.send(frame);
  }

  pause(): void {
    this.up.pause();
  }

  resume(): void {
    this.up.resume();
  }

  end(): void {
    this.#end({ 'grpc-status': String(Status.OK) });
  }

  fail(error: ManagerError): void {
    const { code, message } = callStatus(error, 'simulated');
    this.#end({ 'grpc-status': String(code), 'grpc-message': encodeMessage(message) });
    this.up.resume();
  }

  drop(): void {
    this.#end({ 'grpc-status': String(Status.UNAVAILABLE) });
  }

  #end(headers: Record<string, string>): void {
    if (this.#gone || this.#ended) return;
    this.#ended = true;
    this.client.tell(() => this.client.ended(headers));
  }
}
