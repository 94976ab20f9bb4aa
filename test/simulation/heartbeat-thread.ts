import { HeartbeatSender, type HeartbeatEvents, type StartHeartbeats } from '../../client/connect/transport/heartbeat-sender.js';
import { ProvenTime } from '../../client/connect/transport/proven-time.js';
import type { Connection, Site } from './connection.js';
import type { EventLoop } from './event-loop.js';
import type { Network } from './network.js';

/** Longest time until a thread runs, and until one hears of another, in milliseconds. */
const STARTS_MS = 200;
const TELLS_MS = 2;

/** The thread of a client that sends the heartbeats of its session: an event loop and connections of its own, in the same process. */
export class SimulatedHeartbeatThread implements Site {
  readonly connections = new Set<Connection>();
  reachable: Site['reachable'] = 'yes';
  pingsLost = false;
  /** The loop of the present thread, or of the next one. */
  loop: EventLoop;

  constructor(
    /** The thread of the session. */
    private readonly owner: Site,
    private readonly network: Network,
  ) {
    this.loop = this.#nextLoop();
  }

  get host(): Site['host'] {
    return this.owner.host;
  }

  get pid(): number {
    return this.owner.pid;
  }

  get latency(): Site['latency'] {
    return this.owner.latency;
  }

  #nextLoop(): EventLoop {
    return this.network.time.loop(`${this.owner.loop.name}, heartbeats`);
  }

  readonly start: StartHeartbeats = (session, proven, events) => {
    const { time } = this.network;
    const { loop, owner } = this;
    const tell = (event: keyof HeartbeatEvents) => (): void =>
      owner.loop.post(time.now + loop.draw(TELLS_MS), () => loop.alive && events[event]());
    const told = { silent: tell('silent'), heard: tell('heard'), ended: tell('ended') };
    loop.post(time.now + loop.draw(STARTS_MS), () => {
      new HeartbeatSender(session, new ProvenTime(proven.memory), told, (_address, _credentials, channelEvents) =>
        this.network.openHeartbeats(this, channelEvents),
      );
    });
    return () => this.#terminate();
  };

  #terminate(): void {
    this.end();
    this.loop = this.#nextLoop();
  }

  /** The thread ends, and the system closes its sockets. */
  end(): void {
    this.loop.end();
    for (const connection of [...this.connections]) connection.abandon();
  }
}
