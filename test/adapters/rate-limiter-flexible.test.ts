import { beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, type SharedDict } from 'commonhold';
import { RateLimiterCommonhold, type RateLimiterCommonholdOptions } from 'commonhold/rate-limiter-flexible';
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes, RateLimiterUnion, RLWrapperBlackAndWhite } from 'rate-limiter-flexible';
import { until } from '../support/until.js';
import { Managers } from './support.js';

// The cases that rate-limiter-flexible runs for its store in Redis, as far as they are about the store or its base, and its wrappers.

const managers = new Managers();
let dict: SharedDict<string, number>;
beforeEach(() => {
  dict = managers.dict();
});

function limiterOf(options: Partial<RateLimiterCommonholdOptions>): RateLimiterCommonhold {
  return new RateLimiterCommonhold({ storeClient: dict, points: 2, duration: 5, ...options });
}

/** Resolves to the result with which a limiter rejects. */
async function refusal(promise: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  const refused: unknown = await promise.then(
    () => expect(true).toBe('refused'),
    (reason: unknown) => reason,
  );
  expect(refused).toBeInstanceOf(RateLimiterRes);
  return refused as RateLimiterRes;
}

describe('points', () => {
  it('are consumed, under the key with its prefix', async () => {
    const first = await limiterOf({}).consume('key');
    expect(first).toMatchObject({ consumedPoints: 1, remainingPoints: 1, isFirstInDuration: true });
    expect(first.msBeforeNext).toBeGreaterThan(0);
    expect(first.msBeforeNext).toBeLessThanOrEqual(5000);
    expect(await limiterOf({}).consume('key')).toMatchObject({ consumedPoints: 2, remainingPoints: 0, isFirstInDuration: false });
    expect(await dict.get('rlflx:key')).toBe(2);
    await limiterOf({ keyPrefix: 'other' }).consume('key');
    expect(await dict.get('other:key')).toBe(1);
  });

  it('that are too many are refused', async () => {
    const refused = await refusal(limiterOf({ points: 1 }).consume('key', 2));
    expect(refused).toMatchObject({ consumedPoints: 2, remainingPoints: 0 });
    expect(refused.msBeforeNext).toBeGreaterThan(0);
  });

  it('come back after the duration, which further requests do not move', async () => {
    const limiter = limiterOf({ points: 1, duration: 0.05 });
    await limiter.consume('key');
    await until('the duration is over', () =>
      limiter.consume('key').then(
        ({ consumedPoints }) => consumedPoints === 1,
        () => false,
      ),
    );
  });

  it('have a duration of their own where that is asked for', async () => {
    expect((await limiterOf({}).consume('key', 1, { customDuration: 1 })).msBeforeNext).toBeLessThanOrEqual(1000);
  });

  it('stay for ever with a duration of 0', async () => {
    const limiter = limiterOf({ duration: 0 });
    await limiter.consume('key');
    await limiter.consume('key');
    expect(await limiter.get('key')).toMatchObject({ consumedPoints: 2, msBeforeNext: -1 });
    expect(await dict.ttl('rlflx:key')).toBe(Infinity);
  });

  it('are added by a penalty, and taken by a reward', async () => {
    const limiter = limiterOf({});
    await limiter.consume('key');
    expect(await limiter.penalty('key')).toMatchObject({ consumedPoints: 2 });
    expect(await limiter.reward('key', 2)).toMatchObject({ consumedPoints: 0, remainingPoints: 2 });
    expect(await dict.get('rlflx:key')).toBe(0);
  });

  it('are read, set and deleted', async () => {
    const limiter = limiterOf({});
    expect(await limiter.get('key')).toBe(null);
    await limiter.consume('key');
    expect(await limiter.get('key')).toMatchObject({ consumedPoints: 1, remainingPoints: 1 });
    await limiter.set('key', 12, 10);
    expect(await limiter.get('key')).toMatchObject({ consumedPoints: 12, remainingPoints: 0 });
    await limiter.set('key', 12, 0);
    expect(await limiter.get('key')).toMatchObject({ consumedPoints: 12, msBeforeNext: -1 });
    expect(await limiter.delete('key')).toBe(true);
    expect(await limiter.delete('key')).toBe(false);
  });

  it('are spread over the duration where that is asked for', async () => {
    const limiter = limiterOf({ points: 100, duration: 1, execEvenly: true, execEvenlyMinDelayMs: 20 });
    await limiter.consume('key');
    const begun = performance.now();
    await limiter.consume('key');
    expect(performance.now() - begun).toBeGreaterThan(14);
  });
});

describe('blocks', () => {
  it('last for the block duration from the request that was too much', async () => {
    const limiter = limiterOf({ points: 1, duration: 1, blockDuration: 60 });
    expect((await refusal(limiter.consume('key', 2))).msBeforeNext).toBe(60_000);
    expect((await refusal(limiter.consume('key'))).msBeforeNext).toBeGreaterThan(1000);
  });

  it('end', async () => {
    const limiter = limiterOf({ points: 1, duration: 60, blockDuration: 0.05 });
    await refusal(limiter.consume('key', 2));
    await until('the block has ended', async () => (await limiter.get('key')) === null);
    expect(await limiter.consume('key')).toMatchObject({ consumedPoints: 1 });
  });

  it('are set by hand, also for ever', async () => {
    const limiter = limiterOf({ points: 1, duration: 1 });
    await limiter.block('key', 2);
    expect((await refusal(limiter.consume('key'))).msBeforeNext).toBeGreaterThan(1000);
    await limiter.block('key', 0);
    expect(await limiter.get('key')).toMatchObject({ msBeforeNext: -1, consumedPoints: 2 });
  });

  it('begin where the storage threshold is crossed', async () => {
    const limiter = limiterOf({ points: 1, duration: 1, blockDuration: 60, blockOnConsumed: 3 });
    await limiter.consume('key');
    expect((await refusal(limiter.consume('key'))).msBeforeNext).toBeLessThanOrEqual(1000);
    expect((await refusal(limiter.consume('key'))).msBeforeNext).toBe(60_000);
  });

  it('in memory ask the manager no more', async () => {
    const limiter = limiterOf({ points: 1, inMemoryBlockOnConsumed: 2, inMemoryBlockDuration: 10 });
    await limiter.consume('key');
    expect(await refusal(limiter.consume('key'))).toMatchObject({ remainingPoints: 0, msBeforeNext: 10_000 });
    await refusal(limiter.consume('key'));
    expect(await dict.get('rlflx:key')).toBe(2);
    await limiter.delete('key');
    expect(await limiter.consume('key')).toMatchObject({ consumedPoints: 1 });
  });

  it('fail with the error of the store', async () => {
    const limiter = limiterOf({ points: 1, duration: 1, blockDuration: 2 });
    dict.set = () => Promise.reject(new RangeError('full'));
    await expect(limiter.consume('key', 2)).rejects.toThrow(new RangeError('full'));
  });

  it('refuse thresholds that make no sense', () => {
    expect(() => limiterOf({ inMemoryBlockDuration: 2 })).toThrow('inMemoryBlockOnConsumed');
    expect(() => limiterOf({ points: 2, inMemoryBlockOnConsumed: 1 })).toThrow('inMemoryBlockOnConsumed');
  });
});

describe('a manager that is gone', () => {
  it('rejects with its error', async () => {
    const limiter = limiterOf({ storeClient: await managers.lost() });
    for (const call of [limiter.consume('key'), limiter.get('key'), limiter.delete('key'), limiter.block('key', 1)]) {
      await expect(call).rejects.toThrow(ClosedError);
    }
  });

  it('is replaced by the insurance', async () => {
    const insuranceLimiter = limiterOf({ points: 2, duration: 60 });
    const limiter = limiterOf({ storeClient: await managers.lost(), points: 1, duration: 1, insuranceLimiter });
    const consumed = await limiter.consume('key');
    expect(consumed).toMatchObject({ remainingPoints: 1 });
    expect(consumed.msBeforeNext).toBeGreaterThan(1000);
    await limiter.penalty('key', 2);
    await limiter.reward('key');
    expect(await dict.get('rlflx:key')).toBe(2);
    expect((await limiter.block('key', 3)).msBeforeNext).toBe(3000);
    expect(await limiter.delete('key')).toBe(true);
  });
});

describe('the wrappers of the package', () => {
  it('take the limiter as one of their own', async () => {
    const union = new RateLimiterUnion(limiterOf({ keyPrefix: 'a', points: 2 }), limiterOf({ keyPrefix: 'b', points: 1 }));
    expect(await union.consume('key')).toMatchObject({ a: { remainingPoints: 1 }, b: { remainingPoints: 0 } });
    await expect(union.consume('key')).rejects.toMatchObject({ b: { consumedPoints: 2 } });

    const bursty = new BurstyRateLimiter(limiterOf({ keyPrefix: 'c', points: 1 }), limiterOf({ keyPrefix: 'burst', points: 1 }));
    await bursty.consume('key');
    expect(await bursty.consume('key')).toMatchObject({ consumedPoints: 2 });
    await expect(bursty.consume('key')).rejects.toBeInstanceOf(RateLimiterRes);

    const wrapped = new RLWrapperBlackAndWhite({ limiter: limiterOf({ points: 1 }), blackList: ['bad'], whiteList: ['good'] });
    await expect(wrapped.consume('bad')).rejects.toBeInstanceOf(RateLimiterRes);
    expect(await wrapped.consume('good', 5)).toMatchObject({ consumedPoints: 0 });

    expect(() => limiterOf({ insuranceLimiter: new RateLimiterMemory({ points: 1, duration: 1 }) })).not.toThrow();
  });
});
