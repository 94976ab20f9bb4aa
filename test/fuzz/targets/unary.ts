import { drawing, type Draw } from '../../support/random.js';
import { MachineWorld } from '../machine-world.js';
import { Mutator } from '../mutator.js';
import { validRequests, type Request } from '../requests.js';
import type { Round, Target } from '../target.js';

/** The requests of calls without a session, of each method of the contract. */
export const target: Target = {
  inputs: 1_000,
  begin: (seed) => new UnaryRound(seed),
};

/** Number of inputs after which the state is checked. */
const CHECKED = 250;
/** Ids of requests, few of them, so that requests come again. Most have none. */
const IDS = [undefined, undefined, undefined, 'a', 'b', 'c'];
/** Time in milliseconds that goes on between two calls. */
const MS = [0, 0, 0, 0, 1, 10, 100, 2_000];

class UnaryRound implements Round {
  readonly #world = new MachineWorld();
  readonly #draw: Draw;
  readonly #requests: readonly Request[];
  readonly #mutator: Mutator;
  #request: Request;
  #inputs = 0;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#requests = validRequests(seed);
    this.#request = this.#requests[0]!;
    this.#mutator = new Mutator(
      this.#draw,
      this.#requests.map(({ bytes }) => bytes),
    );
  }

  next(): Uint8Array {
    this.#request = this.#requests[this.#draw(this.#requests.length)]!;
    const { bytes } = this.#request;
    return this.#draw(4) === 0 ? bytes : this.#mutator.mutated(bytes);
  }

  take(bytes: Uint8Array): void {
    const draw = this.#draw;
    const world = this.#world;
    const { index } = this.#request;
    const id = IDS[draw(IDS.length)];
    const call = world.call({ label: 'caller', id, token: undefined, method: index, bytes, packed: draw(2) === 0 });
    if (draw(4) === 0) world.machine.cancel(Math.max(1, call - draw(10)));
    world.time.advance(MS[draw(MS.length)]!);
    world.assertSound();
    if (++this.#inputs % CHECKED === 0) world.assertRepeatable();
  }

  end(): void {
    this.#world.assertEmptied();
  }
}
