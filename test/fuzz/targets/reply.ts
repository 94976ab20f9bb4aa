import { setImmediate as turn } from 'node:timers/promises';
import { Manager } from '../../../client/connect/manager.js';
import type { ChannelEvents, SessionChannel } from '../../../client/connect/transport/channel.js';
import { SessionTransport } from '../../../client/connect/transport/session.js';
import { ManagerError } from '../../../proto/errors.js';
import { methods } from '../../../proto/methods.js';
import { PROTOCOL } from '../../../proto/version.js';
import { writeWelcome } from '../../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../../proto/wire/framing.js';
import { Writer } from '../../../proto/wire/writer.js';
import { drawing, type Draw } from '../../support/random.js';
import { MachineWorld, readFrame, type FuzzedClient } from '../machine-world.js';
import { Mutator } from '../mutator.js';
import type { Round, Target } from '../target.js';

/** The frames of a manager, as the SDK reads them: each call ends with a result or with an error of the product, at the latest when the client closes. */
export const target: Target = {
  inputs: 200,
  begin: (seed) => new ReplyRound(seed),
};

const LEASE_MS = 60_000;
/** Frames that a round remembers, to give them again and to take parts from. */
const REMEMBERED = 64;

/** Calls whose answers have all the parts that answers can have. */
const CALLS: readonly ((manager: Manager, number: number) => Promise<unknown>)[] = [
  (manager, number) => manager.dict<string, unknown>('dict').set(`key ${number % 3}`, { number, when: new Date(number) }),
  (manager, number) => manager.dict('dict').get(`key ${number % 3}`),
  (manager) => lastOf(manager.dict('dict').entries()),
  (manager) => manager.dict('dict').popItem(),
  (manager) => manager.dict<string, number>('counts').add('all'),
  (manager) => manager.dict<string, number>('counts').update('some', (before = 0) => before + 1),
  (manager) => manager.dict('dict').ttl('key 1'),
  (manager, number) => manager.list<unknown>('list').push(number, 'text', manager.dict()),
  (manager) => manager.list('list').toArray(),
  (manager) => manager.list('list').at(-1),
  (manager) => manager.list('list').shift(),
  (manager, number) => manager.set<number>('set').add(number % 5),
  (manager) => manager.set('set').toSet(),
  (manager, number) => manager.queue<number>('queue', { capacity: 4 }).put(number, { timeout: 0 }),
  (manager) => manager.queue('queue', { capacity: 4 }).get({ timeout: 0 }),
  (manager) => manager.queue('queue', { capacity: 4 }).getMany(2),
  (manager) => manager.queue('queue', { capacity: 4 }).get({ ack: true }),
  (manager) =>
    manager
      .lock('lock')
      .acquire({ timeout: 0 })
      .then((held) => held.release()),
  (manager) => manager.lock('lock').locked(),
  (manager) => manager.semaphore('semaphore', 2).tryAcquire(),
  (manager, number) => manager.value<number>('value', 0).set(number),
  (manager) => manager.value<number>('value', 0).watch().next(),
  (manager, number) => manager.array('array', 'f64', 3).set(0, number),
  (manager) => manager.array('array', 'f64', 3).read(),
  (manager) => manager.event('event').wait(),
  (manager) => lastOf(manager.objects()),
  (manager) => lastOf(manager.sessions()),
  (manager) => manager.locks(),
  (manager) => manager.stats(),
];

class ReplyRound implements Round {
  readonly #world = new MachineWorld();
  readonly #draw: Draw;
  readonly #manager: Manager;
  readonly #mutator: Mutator;
  /** The last frames of the manager. */
  readonly #sent: Buffer[] = [];
  /** Frames of the manager that are still under way. */
  readonly #coming: Buffer[] = [];
  readonly #calls: Promise<void>[] = [];
  #client: FuzzedClient | undefined;
  #events: ChannelEvents | undefined;
  /** An error of a call that is none of the product. */
  #defect: unknown;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#mutator = new Mutator(this.#draw, this.#sent);
    const transport = new SessionTransport(
      ['127.0.0.1:1'],
      {
        credentials: {},
        label: 'fuzz',
        callTimeout: LEASE_MS,
        reconnect: true,
        lease: { ms: LEASE_MS, tied: false },
        callSites: false,
        openChannel: (_address, _credentials, events) => this.#connect(events),
      },
      { disconnected() {}, resumed() {}, expired() {} },
    );
    this.#manager = new Manager(transport);
    transport.onWarning(() => {});
    this.#call();
  }

  /** A connection of the client, whose first frame is its hello. */
  #connect(events: ChannelEvents): SessionChannel {
    this.#disconnect();
    this.#events = events;
    let client: FuzzedClient | undefined;
    return {
      write: (message, sent) => {
        if (client === undefined) this.#client = client = this.#open();
        else if (!readFrame(client, Buffer.from(message.subarray(PREFIX_BYTES)))) this.#events = undefined;
        if (sent) process.nextTick(sent);
        return true;
      },
      hold() {},
      ping() {},
      close: async () => this.#disconnect(),
      destroy: () => {
        if (this.#events === events) this.#disconnect();
      },
    };
  }

  #open(): FuzzedClient {
    const client = this.#world.open('client', true, (frame) => this.#send(frame));
    const writer = new Writer();
    writeWelcome(writer, {
      protocol: PROTOCOL,
      sessionId: client.session.id,
      version: 'fuzz',
      maxMessageBytes: 1024 * 1024,
      maxCalls: 100,
      methods: methods.map(({ name }) => name),
      secret: 'secret',
      leaseMs: LEASE_MS,
      resumed: undefined,
      remote: false,
      durable: false,
      early: true,
    });
    this.#send(writer.take());
    return client;
  }

  #disconnect(): void {
    this.#client?.session.end();
    this.#client = this.#events = undefined;
    this.#coming.length = 0;
  }

  #send(frame: Buffer): void {
    this.#coming.push(Buffer.from(frame));
    this.#sent.push(Buffer.from(frame));
    if (this.#sent.length > REMEMBERED) this.#sent.shift();
  }

  #call(): void {
    const number = this.#draw(100);
    const make = CALLS[this.#draw(CALLS.length)]!;
    const called = new Promise((resolve) => resolve(make(this.#manager, number)));
    const failed = (error: unknown): void => {
      if (!(error instanceof ManagerError)) this.#defect ??= error;
    };
    this.#calls.push(called.then(() => {}, failed));
  }

  /** The next frame of the manager, or an earlier one again. Every third is changed. */
  next(): Uint8Array {
    const frame = this.#coming.shift() ?? this.#mutator.one();
    return this.#draw(3) === 0 ? this.#mutator.mutated(frame) : frame;
  }

  async take(frame: Uint8Array): Promise<void> {
    this.#events?.message(Buffer.from(frame));
    for (let calls = this.#draw(3); calls > 0; calls--) this.#call();
    await turn();
    this.#client?.session.flush();
    this.#world.assertSound();
    this.#assertTyped();
  }

  async end(): Promise<void> {
    await this.#manager.close();
    await Promise.all(this.#calls);
    this.#assertTyped();
  }

  #assertTyped(): void {
    if (this.#defect !== undefined) throw this.#defect;
  }
}

async function lastOf<T>(all: AsyncIterable<T>): Promise<T | undefined> {
  let last: T | undefined;
  for await (const each of all) last = each;
  return last;
}
