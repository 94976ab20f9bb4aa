import { describe, expect, it } from '@jest/globals';
import { Share, Slices } from '../../../server/traffic/slices.js';

/** Has a client go on in later turns until it has done so a number of times. Resolves then. */
function goOn(slices: Slices, share: Share, times: number, ms: number): Promise<void> {
  return new Promise((resolve) => {
    let left = times;
    const next = (): void => {
      slices.took(share, ms);
      if (--left === 0) resolve();
      else slices.later(share, next);
    };
    slices.later(share, next);
  });
}

/** A client that was seen to have little to do. */
function briefShare(slices: Slices): Share {
  const share = new Share();
  slices.took(share, 0.01);
  return share;
}

describe('the time of the event loop, shared among clients', () => {
  it('goes to a client with brief calls although a hundred with long ones waited before it', async () => {
    const slices = new Slices();
    let long = 0;
    const others = Array.from({ length: 100 }, () => goOn(slices, new Share(), 5, 5).then(() => long++));
    await goOn(slices, briefShare(slices), 50, 0.01);
    expect(long).toBe(0);
    await Promise.all(others);
  });

  it('goes to a client with long calls although a hundred with brief ones never end', async () => {
    const slices = new Slices();
    let stopped = false;
    for (let i = 0; i < 100; i++) {
      const share = briefShare(slices);
      const next = (): void => {
        slices.took(share, 0.1);
        if (!stopped) slices.later(share, next);
      };
      slices.later(share, next);
    }
    await goOn(slices, new Share(), 10, 5);
    stopped = true;
  });

  it('goes on with a client that is brief although the machine paused within one of its calls', () => {
    const share = briefShare(new Slices());
    share.took(3_000);
    expect(share.isBrief).toBe(true);
  });

  it('stops after some long calls counting a client among the brief ones', () => {
    const share = briefShare(new Slices());
    for (let i = 0; i < 10; i++) share.took(5);
    expect(share.isBrief).toBe(false);
  });

  it('does not go to anyone in a turn that was ended, and goes to all in the next', async () => {
    const slices = new Slices();
    const order: string[] = [];
    slices.end();
    const ran = new Promise<number>((took) => slices.run(briefShare(slices), () => order.push('ran'), took));
    order.push('ended');
    expect(await ran).toBeGreaterThan(0);
    expect(order).toEqual(['ended', 'ran']);
  });
});
