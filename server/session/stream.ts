import type { ManagerError } from '../../proto/errors.js';
import type { Peer } from '../traffic/in-flight.js';
import type { Access } from '../access/tokens.js';
import type { Resume } from '../../proto/gen/commonhold/v1/session_wire.js';

/** The gRPC stream of one session, over any server. */
export interface FrameStream {
  /** Address of the client. */
  readonly peer: string;
  /** Bytes written that the client has not read. */
  readonly unread: number;
  /** Sends a frame that starts with free space for its prefix. Returns false if the caller should wait for `writable`. */
  write(frame: Buffer): boolean;
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the stream without an error. */
  end(): void;
  /** Ends the stream with the status of an error, and the error as its detail. */
  fail(error: ManagerError): void;
  /** Ends the stream at once, without what was written and not read. */
  drop(): void;
}

/** The events of a stream, for its session. */
export interface FrameEvents {
  /** Called for each complete frame. */
  frame(frame: Buffer): void;
  /** Called when there is room to write again. */
  writable(): void;
  /**
   * Called when the stream has ended, or the client has ended its side. May be called more than once.
   * @param finish ends the side of the manager, once everything that came before has been taken; undefined if both sides have ended
   */
  ended(finish?: () => void): void;
  /** Called when what the client sends is no frame: ends the session, and the stream with the error. */
  refuse(error: ManagerError): void;
}

/** Takes a new stream of a client with that access, and returns the receiver of its events. */
export type Accept = (stream: FrameStream, access: Access) => FrameEvents;

/** Takes the streams of the session service's methods, by their paths. */
export type Accepts = ReadonlyMap<string, Accept>;

/** A session, as its streams and the manager see it. It has one stream at a time, and ignores the events of earlier ones. */
export interface LiveSession extends Peer {
  /** The access of its client. */
  readonly access: Access;
  /** Number of calls that wait. */
  readonly waiting: number;
  /** Number of answers that are kept until the client says that they have arrived. */
  readonly keptAnswers: number;
  /** Takes a frame. */
  frame(frame: Buffer, stream: FrameStream): void;
  /** There is room to write again. */
  writable(stream: FrameStream): void;
  /** A stream of frames or of heartbeats has ended. See {@link FrameEvents.ended}. */
  detached(stream: FrameStream, finish?: () => void): void;
  /** Goes on over another stream. Returns false, and does nothing, if the session has no lease, or the token or the secret is another. */
  resume(stream: FrameStream, resume: Resume, access: Access): boolean;
  /** Takes a heartbeat on a stream of heartbeats. Returns false, and does nothing, if the session has no lease, or the token or the secret is another. */
  heartbeat(stream: FrameStream, secret: string, access: Access): boolean;
  /** The client broke the rules of frames on this stream: ends the session. */
  refuse(error: ManagerError, stream: FrameStream): void;
  /** Takes and sends nothing more, because the manager stops, or fails with the error. The session stays in the machine, for the next one. */
  stop(error?: ManagerError): void;
  /** Ends the session, and its stream with an error. */
  end(error: ManagerError): void;
}
