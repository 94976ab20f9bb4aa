import { Manager } from '../../client/connect/manager.js';
import { SessionTransport } from '../../client/connect/transport/session.js';
import type { Connection, Site } from './connection.js';
import type { EventLoop } from './event-loop.js';
import { SimulatedHeartbeatThread } from './heartbeat-thread.js';
import type { Network } from './network.js';
import type { ClientPart, ClientPlan } from './plan.js';

/** The first process id of clients, above all that a system uses. */
const FIRST_PID = 1_000_000_000;

/** A client of a world: a process with a real manager handle, whose connections are simulated. */
export class SimulatedClient implements Site {
  readonly connections = new Set<Connection>();
  readonly pid: number;
  readonly host: string | undefined;
  readonly latency: { readonly usual: number; readonly late: number };
  reachable: Site['reachable'] = 'yes';
  pingsLost = false;
  readonly manager: Manager;
  /** Undefined if the manager expects no heartbeats of it. */
  readonly #heartbeats: SimulatedHeartbeatThread | undefined;
  resumptions = 0;
  expiries = 0;
  /** True once its program has called `close`. */
  closed = false;

  constructor(
    readonly index: number,
    readonly plan: ClientPlan,
    readonly loop: EventLoop,
    network: Network,
    expired: (reason: Error) => void,
  ) {
    this.pid = FIRST_PID + index;
    this.host = plan.remote ? `host-${index}` : undefined;
    this.latency = plan.remote ? { usual: 8, late: Math.min(20, plan.leaseMs / 30) } : { usual: 0.2, late: 2 };
    this.#heartbeats = plan.heartbeats ? new SimulatedHeartbeatThread(this, network) : undefined;
    const transport = new SessionTransport(
      ['10.0.0.1:7420'],
      {
        credentials: {},
        label: loop.name,
        callTimeout: plan.callTimeout,
        reconnect: true,
        lease: { ms: plan.leaseMs, tied: plan.tied },
        callSites: false,
        openChannel: (_address, _credentials, channelEvents) => network.openSession(this, channelEvents),
        startHeartbeats: this.#heartbeats?.start,
      },
      {
        disconnected: () => {},
        resumed: () => {
          this.resumptions++;
        },
        expired: (reason) => {
          this.expiries++;
          expired(reason);
        },
      },
    );
    this.manager = new Manager(transport);
    // Its warnings are for people.
    transport.onWarning(() => {});
  }

  /** Its threads with their connections: all of them, or one. */
  sites(part: ClientPart | undefined): Site[] {
    const session = part === 'heartbeats' ? [] : [this];
    return part === 'session' || this.#heartbeats === undefined ? session : [...session, this.#heartbeats];
  }

  /** Its process ends, and its system closes the sockets. */
  end(): void {
    this.loop.end();
    this.#heartbeats?.end();
    for (const connection of [...this.connections]) connection.abandon();
  }
}
