import type { ChannelEvents } from '../../client/connect/transport/channel.js';
import { CONNECT_PATH } from '../../proto/session-stream.js';
import { readEarly, readHello, readWelcome, writeHello } from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { Connection, type Listener, type Site } from './connection.js';
import type { SimulatedTime } from './time.js';

/** Frames that have arrived in a session. */
interface Arrived {
  /** Number of frames that will not come again. */
  forGood: number;
  /** Number of early ones since the last that was not. */
  early: number;
}

/** Numbers of the frames that have arrived in each session, beside those with a welcome, by its id. */
export type ArrivedFrames = Map<string, Arrived>;

/** Counts the frames that arrive over one connection. */
class FrameCounter {
  /** The session, once the manager has said its id. */
  #session: Arrived | undefined;

  constructor(private readonly arrived: ArrivedFrames) {}

  count(message: Buffer): void {
    const welcome = readWelcome(new Reader(), message);
    if (welcome !== undefined) {
      const { sessionId } = welcome;
      this.#session = { forGood: this.arrived.get(sessionId)?.forGood ?? 0, early: 0 };
      this.arrived.set(sessionId, this.#session);
    } else if (readEarly(new Reader(), message)) {
      this.#session!.early++;
    } else {
      this.#session!.forGood += this.#session!.early + 1;
      this.#session!.early = 0;
    }
  }
}

/** A connection of a session. */
export class SessionConnection extends Connection {
  #greeted = false;

  constructor(time: SimulatedTime, listener: Listener | undefined, site: Site, events: ChannelEvents, arrived: ArrivedFrames) {
    const counter = new FrameCounter(arrived);
    const message = (frame: Buffer): void => {
      counter.count(frame);
      events.message(frame);
    };
    super(time, listener, CONNECT_PATH, site, { ...events, message });
  }

  override write(message: Buffer, sent?: (error?: Error | null) => void): boolean {
    const hello = !this.#greeted;
    this.#greeted = true;
    return super.write(hello ? this.#ownHello(message) : message, sent);
  }

  /** All clients of a world are one process: the manager has to see one of its own of each. */
  #ownHello(message: Buffer): Buffer {
    const hello = readHello(new Reader(), message.subarray(PREFIX_BYTES))!;
    const writer = new Writer();
    writer.leave(PREFIX_BYTES);
    const { pid, host = hello.host } = this.site;
    const hostId = hello.hostId && (this.site.host ?? hello.hostId);
    writeHello(writer, { ...hello, pid, host, hostId, thread: 0, threadStart: 0 });
    return writer.take();
  }
}
