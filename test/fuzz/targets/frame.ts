import { writeCancel, writeClientReceived, writeGoodbye, writeTaken } from '../../../proto/wire/frames.js';
import { Writer } from '../../../proto/wire/writer.js';
import { drawing, type Draw } from '../../support/random.js';
import { MachineWorld, readFrame, type FuzzedClient } from '../machine-world.js';
import { Mutator } from '../mutator.js';
import { validRequests, type Request } from '../requests.js';
import type { Round, Target } from '../target.js';

/** The frames of sessions, as the manager's machine reads them, with all calls in them. */
export const target: Target = {
  inputs: 1_000,
  begin: (seed) => new FrameRound(seed),
};

const CLIENTS = 3;
/** Number of inputs after which the state is checked. */
const CHECKED = 250;
/** Tags of the fields of a frame and of a call, see session.proto. */
const TAG = { calls: 18, id: 8, method: 16, request: 26, open: 34 } as const;
/** Time in milliseconds that goes on between two frames: timeouts and leases of the calls end within. */
const MS = [0, 0, 0, 0, 1, 10, 100, 2_000];

class FrameRound implements Round {
  readonly #world = new MachineWorld();
  readonly #draw: Draw;
  readonly #requests: readonly Request[];
  readonly #mutator: Mutator;
  readonly #clients: FuzzedClient[] = [];
  readonly #writer = new Writer();
  #calls = 0;
  #inputs = 0;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#requests = validRequests(seed);
    this.#mutator = new Mutator(
      this.#draw,
      this.#requests.map(({ bytes }) => bytes),
    );
    for (let index = 0; index < CLIENTS; index++) this.#clients.push(this.#open(index));
  }

  #open(index: number): FuzzedClient {
    return this.#world.open(`client ${index}`, index > 0);
  }

  next(): Uint8Array {
    const frame = this.#frame();
    return this.#draw(3) === 0 ? this.#mutator.mutated(frame) : frame;
  }

  /** A frame with a few calls, of which some are mutated. */
  #frame(): Buffer {
    const draw = this.#draw;
    const writer = this.#writer;
    for (let calls = 1 + draw(3); calls > 0; calls--) this.#call();
    if (draw(4) === 0) writeCancel(writer, this.#recentCall());
    if (draw(4) === 0) writeTaken(writer, { id: this.#recentCall(), count: draw(2) === 0 ? undefined : draw(3) });
    if (draw(8) === 0) writeClientReceived(writer, draw(3));
    if (draw(100) === 0) writeGoodbye(writer);
    return writer.take();
  }

  #call(): void {
    const draw = this.#draw;
    const writer = this.#writer;
    const { index, bytes } = this.#requests[draw(this.#requests.length)]!;
    const at = writer.open(TAG.calls);
    writer.uint32(TAG.id, ++this.#calls);
    writer.uint32(TAG.method, index);
    writer.bytes(TAG.request, draw(2) === 0 ? this.#mutator.mutated(bytes) : bytes);
    if (draw(20) === 0) writer.bytes(TAG.open, this.#mutator.one());
    writer.close(at);
  }

  #recentCall(): number {
    return Math.max(1, this.#calls - this.#draw(20));
  }

  take(frame: Uint8Array): void {
    const draw = this.#draw;
    const index = draw(CLIENTS);
    const client = this.#clients[index]!;
    client.full = draw(20) === 0;
    // The frame may be kept, and the machine may be given it again.
    const given = Buffer.from(frame);
    let goes = readFrame(client, given);
    if (client.full && goes) {
      client.full = false;
      goes = readFrame(client, given);
    }
    if (draw(3) === 0) client.session.flush();
    if (!this.#world.machine.sessions.has(client.session.number)) this.#clients[index] = this.#open(index);
    this.#world.time.advance(MS[draw(MS.length)]!);
    this.#world.assertSound();
    if (++this.#inputs % CHECKED === 0) this.#world.assertRepeatable();
  }

  end(): void {
    this.#world.assertEmptied();
  }
}
