import { connect } from 'node:net';
import { Manager, type ConnectOptions, type SharedDict } from 'commonhold';
import { parseAddress } from '../../proto/address.js';
import { COLLECTS_GARBAGE, Daemon } from '../support/daemon.js';
import { attack, cut } from '../support/hostile.js';
import type { Draw } from '../support/random.js';

/** Bytes that clients can store in the daemon, and bytes of its heap, its garbage collected. */
const STORED_BYTES = 64 * 1024 * 1024;
const MOST_HEAP_BYTES = 3 * STORED_BYTES;

const ENDS = ['reset', 'end', 'destroy'] as const;

/** A daemon, and a client that it has to serve as if there were no other. */
export class Served implements AsyncDisposable {
  private constructor(
    readonly daemon: Daemon,
    private readonly innocent: Manager,
    private readonly scores: SharedDict<string, number>,
  ) {}

  /** @param tls of the client, if flags of the daemon have it speak TLS */
  static async start(token: string, flags: readonly string[] = [], tls?: ConnectOptions['tls']): Promise<Served> {
    const limits = ['--max-memory', String(STORED_BYTES), '--max-payload', '1048576'];
    const environment = { ...COLLECTS_GARBAGE, COMMONHOLD_TOKEN: token };
    const daemon = await Daemon.serve(['--listen', '127.0.0.1:0', ...limits, ...flags], environment);
    const innocent = await Manager.connect(daemon.address, tls === undefined ? { token } : { token, tls });
    const scores = innocent.dict<string, number>('scores');
    await scores.set('alice', 3);
    return new Served(daemon, innocent, scores);
  }

  /** Sends bytes over a connection of their own, cut at two places among the first bytes, and ends it in some way. */
  async attack(input: Uint8Array, draw: Draw, first: number): Promise<void> {
    const pieces = cut(Buffer.from(input), [draw(first), draw(first)]);
    const socket = connect(parseAddress(this.daemon.address) as { host: string; port: number });
    await attack(socket, { pieces, end: ENDS[draw(ENDS.length)]! });
  }

  async assertServes(): Promise<void> {
    const score = await this.scores.get('alice');
    if (score !== 3) throw new Error(`the innocent client reads ${score}`);
    const { memory } = await this.innocent.stats();
    if (memory.heap > MOST_HEAP_BYTES) throw new Error(`the heap of the daemon has ${memory.heap} bytes`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.innocent.close();
    await this.daemon[Symbol.asyncDispose]();
  }
}
