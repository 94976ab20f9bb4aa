/** Path of the session stream's method. */
export const CONNECT_PATH = '/commonhold.v1.SessionService/Connect';

/**
 * An HTTP/2 setting by which the SDK marks its connections, so that the daemon serves their session
 * streams without a general gRPC server in between. Whoever does not know it ignores it (RFC 9113,
 * 6.5.2); without it, everything works as well.
 */
export const SDK_SETTING = 0x7420;
