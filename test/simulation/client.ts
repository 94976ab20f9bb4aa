import { Manager } from '../../client/connect/manager.js';
import { SessionTransport } from '../../client/connect/transport/session.js';
import type { EventLoop } from './event-loop.js';
import type { Connection, Network, Site } from './network.js';
import type { ClientPlan } from './plan.js';

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
  resumptions = 0;
  expiries = 0;
  /** True once its program has called `close`. */
  closed = false;

  constructor(
    readonly index: number,
    readonly plan: ClientPlan,
    readonly loop: EventLoop,
    network: Network,
    expired: () => void,
  ) {
    this.pid = FIRST_PID + index;
    this.host = plan.remote ? `host-${index}` : undefined;
    this.latency = plan.remote ? { usual: 8, late: Math.min(20, plan.leaseMs / 30) } : { usual: 0.2, late: 2 };
    const transport = new SessionTransport(
      ['10.0.0.1:7420'],
      {
        credentials: {},
        label: loop.name,
        callTimeout: plan.callTimeout,
        reconnect: true,
        lease: { ms: plan.leaseMs, tied: plan.tied },
        callSites: false,
        openChannel: (_address, _credentials, channelEvents) => network.connect(this, channelEvents),
      },
      {
        disconnected: () => {},
        resumed: () => {
          this.resumptions++;
        },
        expired: () => {
          this.expiries++;
          expired();
        },
      },
    );
    this.manager = new Manager(transport);
    // Its warnings are for people.
    transport.onWarning(() => {});
  }
}
