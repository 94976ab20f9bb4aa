import { expect, test } from '@jest/globals';
import type { UnaryRequest } from '../../../engine/machine/inputs.js';
import { Requests } from '../../../engine/machine/requests.js';
import type { UnaryDone } from '../../../engine/machine/unary.js';
import { CancelledError, LimitExceededError } from '../../../proto/errors.js';
import { ManualTime } from '../../support/turns.js';

// The kept requests and answers of unary calls with an id, as time goes on.

const MINUTE = 60_000;

/** Requests whose calls a test answers by hand. */
class World {
  readonly time = new ManualTime();
  readonly cancelled: number[] = [];
  readonly requests = new Requests(this.time.clock, (call) => this.cancelled.push(call));
  readonly answers: (Buffer | Error)[] = [];
  #calls = 0;

  /** Makes a call; returns its number, and the receiver of its answer if it has to be executed. */
  call(id: string, bytes = Buffer.from('request')): { call: number; execute: UnaryDone | undefined } {
    const request: UnaryRequest = { label: '', id, method: 0, bytes, packed: false };
    const call = ++this.#calls;
    return this.time.clock.turn(() => ({ call, execute: this.requests.take(call, request, (answer) => this.answers.push(answer)) }));
  }

  turn(work: () => void): void {
    this.time.clock.turn(work);
  }
}

const ANSWER = Buffer.from('answer');

test('an answer is kept for five minutes, then the id is free', () => {
  const world = new World();
  const { execute } = world.call('id');
  world.turn(() => execute!(ANSWER));
  world.time.advance(5 * MINUTE - 1);
  expect(world.call('id').execute).toBeUndefined();
  expect(world.answers).toEqual([ANSWER, ANSWER]);
  expect(world.requests.answers).toBe(1);
  world.time.advance(1);
  expect(world.requests.answers).toBe(0);
  expect(world.call('id').execute).toBeDefined();
});

test('a request that waits is kept as long as it has a caller', () => {
  const world = new World();
  world.call('id');
  world.time.advance(60 * MINUTE);
  expect(world.cancelled).toEqual([]);
  expect(world.call('id').execute).toBeUndefined();
});

test('a request that waits is cancelled five minutes after its last caller gave up', () => {
  const world = new World();
  const first = world.call('id');
  const second = world.call('id');
  world.turn(() => expect(world.requests.leave(first.call)).toBe(true));
  world.time.advance(60 * MINUTE);
  expect(world.cancelled).toEqual([]);
  world.turn(() => expect(world.requests.leave(second.call)).toBe(true));
  world.time.advance(5 * MINUTE - 1);
  expect(world.cancelled).toEqual([]);
  world.time.advance(1);
  expect(world.cancelled).toEqual([first.call]);
  expect(world.answers).toEqual([expect.any(CancelledError), expect.any(CancelledError)]);
  expect(world.call('id').execute).toBeDefined();
});

test('a caller that comes back in time keeps the request', () => {
  const world = new World();
  const first = world.call('id');
  world.turn(() => world.requests.leave(first.call));
  world.time.advance(4 * MINUTE);
  world.call('id');
  world.time.advance(60 * MINUTE);
  expect(world.cancelled).toEqual([]);
  world.turn(() => first.execute!(ANSWER));
  expect(world.answers.at(-1)).toBe(ANSWER);
});

test('a request that is answered after its callers gave up has its answer for the next one', () => {
  const world = new World();
  const first = world.call('id');
  world.turn(() => world.requests.leave(first.call));
  world.turn(() => first.execute!(ANSWER));
  world.call('id');
  expect(world.answers).toEqual([expect.any(CancelledError), ANSWER]);
});

test('an answer for which there is no room is sent once, and a caller that comes back is told so', () => {
  const world = new World();
  const answer = Buffer.alloc(64 * 1024 * 1024);
  const { execute } = world.call('first');
  world.turn(() => execute!(answer));
  expect(world.answers.at(-1)).toBe(answer);
  expect(world.call('first').execute).toBeUndefined();
  expect(world.answers.at(-1)).toBeInstanceOf(LimitExceededError);
  expect(world.answers.at(-1)).toMatchObject({ mayHaveExecuted: true, retryable: false });
  expect(world.call('second').execute).toBeDefined();
});
