import type { ChannelEvents, SessionChannel } from '../../client/connect/transport/channel.js';
import { HEARTBEAT_PATH } from '../../proto/session-stream.js';
import { Connection, type Listener, type Site } from './connection.js';
import { SessionConnection, type ArrivedFrames } from './session-connection.js';
import type { SimulatedTime } from './time.js';

/** The network between the clients of a world and its manager. */
export class Network {
  readonly arrived: ArrivedFrames = new Map();
  /** The process of the manager that takes connections, if one does. */
  listener: Listener | undefined;

  constructor(readonly time: SimulatedTime) {}

  /** Opens a connection for a session. */
  openSession(site: Site, events: ChannelEvents): SessionChannel {
    return new SessionConnection(this.time, this.listener, site, events, this.arrived);
  }

  /** Opens a connection for heartbeats. */
  openHeartbeats(site: Site, events: ChannelEvents): SessionChannel {
    return new Connection(this.time, this.listener, HEARTBEAT_PATH, site, events);
  }
}
