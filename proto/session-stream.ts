/** Path of the session stream's method. */
export const CONNECT_PATH = '/commonhold.v1.SessionService/Connect';

/** Path of the method for heartbeats. */
export const HEARTBEAT_PATH = '/commonhold.v1.SessionService/Heartbeat';

/** Length limit, in characters, of the label, the host name and the host's identity of a client. */
export const LONGEST_LABEL = 256;

/** Lease of a session of the SDK, in milliseconds, unless the client gives another. */
export const LEASE_MS = 10_000;

/** Longest lease of a session, in milliseconds: an hour. A longer one is cut to it. */
export const LONGEST_LEASE_MS = 3_600_000;

/**
 * An HTTP/2 setting by which the SDK marks its connections, so that the daemon serves their session streams without a general gRPC server
 * in between. Other peers ignore an unknown setting (RFC 9113, 6.5.2), and without the setting the connection works as well.
 */
export const SDK_SETTING = 0x7420;

/**
 * HTTP/2 window of the session stream in each direction, in bytes: HTTP/2's own default. Node's http2 does not read while a write waits for
 * the socket. If both ends could write more than a socket holds, both could wait for each other for ever (docs/decisions/0012-windows.md).
 */
export const STREAM_WINDOW = 65_535;

/** HTTP/2 window of the connection, which carries this one stream; large enough that the stream never waits for it. */
export const CONNECTION_WINDOW = 16 * 1024 * 1024;
