import { Manager } from '../../client/connect/manager.js';
import { SessionTransport } from '../../client/connect/transport/session.js';
import type { ObservedClient } from '../simulation/observed-client.js';

/** Longer than a daemon is away on any machine, in milliseconds: no session ends by chance. */
const LONG_MS = 600_000;

/** A client of a daemon that is killed now and then. */
export class CrashClient implements ObservedClient {
  readonly plan = { leaseMs: LONG_MS, callTimeout: LONG_MS };
  readonly loop: { readonly name: string; alive: boolean; readonly stoppedUntil: number };
  readonly manager: Manager;
  resumptions = 0;
  expiries = 0;
  closed = false;

  constructor(
    readonly index: number,
    address: string,
    name = `client ${index}`,
  ) {
    this.loop = { name, alive: true, stoppedUntil: -Infinity };
    const transport = new SessionTransport(
      [address],
      {
        credentials: {},
        label: this.loop.name,
        callTimeout: LONG_MS,
        reconnect: true,
        lease: { ms: LONG_MS, tied: false },
        callSites: false,
      },
      {
        disconnected: () => {},
        resumed: () => {
          this.resumptions++;
        },
        expired: () => {
          this.expiries++;
        },
      },
    );
    this.manager = new Manager(transport);
    // Its warnings are for people.
    transport.onWarning(() => {});
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.manager.close();
  }
}
