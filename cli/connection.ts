import { resolveConnect } from '../client/connect/options.js';
import { SessionTransport } from '../client/connect/transport/session.js';
import { readToken } from '../proto/token-file.js';

/** Flags of the commands that connect to a manager. */
export interface ConnectionFlags {
  readonly tokenFile?: string | undefined;
}

/** Longest time for a call, in milliseconds: a manager with much in it needs a while for the first page of a dump. */
const CALL_TIMEOUT_MS = 120_000;

/** Opens a session with a manager. @param label by which the manager shows it */
export async function connected(address: string | undefined, { tokenFile }: ConnectionFlags, label: string): Promise<SessionTransport> {
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  const { addresses, options } = resolveConnect(address, { token, label, callTimeout: CALL_TIMEOUT_MS, callSites: false });
  const transport = new SessionTransport(addresses, options, { disconnected() {}, resumed() {}, expired() {} });
  await transport.connect();
  return transport;
}
