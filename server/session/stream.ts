import type { ManagerError } from '../../proto/errors.js';

/** The gRPC stream of one session, whoever serves it. */
export interface FrameStream {
  /** If true, the SDK is at the other end, as the connection says. */
  readonly isSdk: boolean;
  /** Bytes that were written and the client has not read. */
  readonly unread: number;
  /** Sends a frame that has room for its prefix in front. False asks to wait for `writable`. */
  write(frame: Buffer): boolean;
  /** Reads no more for now. */
  pause(): void;
  resume(): void;
  /** Ends the stream in order. */
  end(): void;
  /** Ends the stream with the status of an error, and the error as its detail. */
  fail(error: ManagerError): void;
}

/** What a stream tells its session. */
export interface FrameEvents {
  /** A whole frame arrived. */
  frame(frame: Buffer): void;
  /** There is room to write again. */
  writable(): void;
  /** The stream is over, or its client has no more to say. */
  ended(): void;
}

/** Serves a new stream. */
export type Accept = (stream: FrameStream) => FrameEvents;
