/** Path of the session stream's method. */
export const CONNECT_PATH = '/commonhold.v1.SessionService/Connect';

/** Characters of the names that a client gives itself and its host, at most. */
export const LONGEST_LABEL = 256;

/**
 * An HTTP/2 setting by which the SDK marks its connections, so that the daemon serves their session
 * streams without a general gRPC server in between. Whoever does not know it ignores it (RFC 9113,
 * 6.5.2); without it, everything works as well.
 */
export const SDK_SETTING = 0x7420;

/**
 * How much of the session stream may be on its way, each way, before the other end has read it: HTTP/2's
 * own default. Node's http2 does not read while a write waits for the socket. Where both ends could write
 * more than a socket holds, both could wait so for each other, for ever (docs/decisions/0012-windows.md).
 */
export const STREAM_WINDOW = 65_535;

/** The same of a connection, which carries this one stream: it is never what a stream waits for. */
export const CONNECTION_WINDOW = 16 * 1024 * 1024;
