import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { barrierHandlers } from '../../../engine/memory/locking/barrier.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { Session } from '../../../engine/core/session.js';
import type { CallContext } from '../../../proto/contract.js';
import { BrokenBarrierError, InvalidArgumentError, ManagerUnavailableError, NotOwnerError } from '../../../proto/errors.js';
import { inTurns, realClock } from '../../support/turns.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

const name = 'b';

class Call implements CallContext {
  readonly readOnly = false;
  cancel: ((reason: Error) => void) | undefined;
  /** Without an id, a unary call, which belongs to no session. */
  readonly session: Session;

  constructor(id = 'client') {
    this.session = new Session(id);
  }

  handOver(): void {}
}

/** A barrier for this number of parties, by its handlers. */
function barrierFor(parties: number) {
  const clock = realClock();
  const handlers = inTurns(clock, barrierHandlers(new Keyspace(clock), new GrowingNumbers(clock)));
  void handlers.open({ name, exclusive: true, parties }, new Call());
  return {
    clock,
    handlers,
    wait: async (call: CallContext) => handlers.wait({ name, hasAction: false }, call),
    act: async (call: CallContext): Promise<number> => (await handlers.wait({ name, hasAction: true }, call)).actionToken!,
    release: async (token: number) => handlers.release({ name, token }, new Call()),
    fail: async (token: number) => handlers.fail({ name, token, message: '' }, new Call()),
  };
}

describe('a barrier', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is not made for 0 parties', () => {
    expect(() => barrierFor(0)).toThrow(InvalidArgumentError);
  });

  it('tells each party that the manager goes away, and not that another gave up', async () => {
    const { clock, wait } = barrierFor(3);
    const calls = [new Call(), new Call()];
    const waits = calls.map((call) => wait(call));
    clock.turn(() => {
      for (const call of calls) call.cancel?.(new ManagerUnavailableError('draining'));
    });
    for (const waiting of waits) await expect(waiting).rejects.toBeInstanceOf(ManagerUnavailableError);
  });

  it('takes Release and Fail only under the token of the action that runs', async () => {
    const { act, release, fail } = barrierFor(1);
    const token = await act(new Call());
    await expect(release(token + 1)).rejects.toBeInstanceOf(NotOwnerError);
    await expect(fail(token + 1)).rejects.toBeInstanceOf(NotOwnerError);
    await release(token);
    await expect(release(token)).rejects.toBeInstanceOf(NotOwnerError);
  });

  it('tells the action’s party the reason, also when it is whole again', async () => {
    const { handlers, act, release, fail } = barrierFor(1);
    const token = await act(new Call());
    await handlers.abort({ name }, new Call());
    await expect(release(token)).rejects.toMatchObject({ reason: 'abort' });
    await handlers.reset({ name }, new Call());
    await expect(fail(token)).rejects.toMatchObject({ reason: 'abort' });
    await release(await act(new Call()));
  });

  it('does not wait for ever for the action of a unary call, which has no session to die', async () => {
    const { wait, act, release } = barrierFor(2);
    const waiting = wait(new Call());
    const token = await act(new Call(''));
    jest.advanceTimersByTime(30_000);
    await expect(waiting).rejects.toBeInstanceOf(BrokenBarrierError);
    await expect(release(token)).rejects.toMatchObject({ reason: 'death' });
  });

  it('holds nothing of a session whose action is over', async () => {
    const { act, release } = barrierFor(1);
    const call = new Call();
    await release(await act(call));
    expect(call.session.holds.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
