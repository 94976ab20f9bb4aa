import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Manager } from '../../client/index.js';
import type { Session, Target } from './target.js';

/** Time by which a timer may fire early, in milliseconds. */
const TOLERANCE = 5;

/** Returns a name that no other test uses. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}

/** The clients of one suite: two for all its tests, and more for a test that asks. */
export class Clients {
  readonly #target: Target;
  #lasting: Session[] = [];
  #passing: Session[] = [];

  constructor(target: Target) {
    this.#target = target;
    beforeAll(async () => {
      this.#lasting = [await target.open(), await target.open()];
    });
    afterEach(async () => {
      for (const session of this.#passing.splice(0)) await session.close();
    });
    afterAll(async () => {
      for (const session of this.#lasting.splice(0)) await session.close();
      await target.check?.();
    });
  }

  get one(): Manager {
    return this.#manager(0);
  }

  get two(): Manager {
    return this.#manager(1);
  }

  /** Opens one more client, which the test may close before it ends. */
  async more(): Promise<Session> {
    const session = await this.#target.open();
    let closed: Promise<void> | undefined;
    const once: Session = { manager: session.manager, close: () => (closed ??= session.close()) };
    this.#passing.push(once);
    return once;
  }

  #manager(index: number): Manager {
    const session = this.#lasting[index];
    if (session === undefined) throw new Error('clients are there only while tests run');
    return session.manager;
  }
}

/** A block of tests with its clients, skipped if the target lacks its title or its kind ("kind: theme"). */
export function suite(target: Target, title: string, body: (clients: Clients) => void): void {
  const lacks = [title, title.split(':')[0] ?? title].some((feature) => target.lacks?.has(feature));
  const block = lacks ? describe.skip : describe;
  block(title, () => body(new Clients(target)));
}

/** `it` for a case that also needs other kinds or features of suites, skipped if the target lacks one of them. */
export function itWith(target: Target, ...features: readonly string[]): typeof it | typeof it.skip {
  return features.some((feature) => target.lacks?.has(feature)) ? it.skip : it;
}

/** A call under observation. */
export interface Watched<T> {
  readonly promise: Promise<T>;
  settled: boolean;
}

/** Observes a call, so that its rejection is never an unhandled one. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { promise, settled: false };
  const note = (): void => {
    watched.settled = true;
  };
  promise.then(note, note);
  return watched;
}

/** Name of no object. */
export const ABSENT = 'no such object';

/** Lets all calls sent so far by these clients start, and their effects arrive. */
export async function roundTrip(...managers: Manager[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const manager of managers) {
      // Costs the same however many objects there are.
      await manager.event(ABSENT).destroy();
      await turn();
    }
  }
}

/** Sends a call and returns once it has its place among the waiting calls. */
export async function queued<T>(manager: Manager, promise: Promise<T>): Promise<Watched<T>> {
  const watched = watch(promise);
  await roundTrip(manager);
  return watched;
}

/** Expects that a call still waits after round trips of these clients. */
export async function expectWaiting(call: Watched<unknown>, ...managers: Manager[]): Promise<void> {
  await roundTrip(...managers);
  expect(call.settled).toBe(false);
}

/** Expects that a call rejects with this error, and not before `ms` milliseconds are over. */
export async function expectLate(
  milliseconds: number,
  type: abstract new (...args: never[]) => Error,
  call: () => Promise<unknown>,
): Promise<void> {
  const begin = performance.now();
  await expect(call()).rejects.toBeInstanceOf(type);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(milliseconds - TOLERANCE);
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Returns all items of an iteration. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The numbers from `start` up to and without `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Returns the value; fails the test if it is undefined. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value, found none');
  return value;
}
