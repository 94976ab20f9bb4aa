import { beforeEach, expect, test } from '@jest/globals';
import { ClosedError, type SharedDict } from 'commonhold';
import { RateLimitStore } from 'commonhold/express-rate-limit';
import express from 'express';
import { rateLimit, type Options } from 'express-rate-limit';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { HttpServer } from './http.js';
import { Managers } from './support.js';

// The cases that express-rate-limit runs for its store in memory and for stores of others.

const MINUTE = 60_000;

const managers = new Managers();
let dict: SharedDict<string, number>;
beforeEach(() => {
  dict = managers.dict();
});

function storeOf(of = dict, windowMs = MINUTE): RateLimitStore {
  const store = new RateLimitStore(of);
  store.init({ windowMs });
  return store;
}

/** Serves a page through limiters. */
function serve(...options: Partial<Options>[]): Promise<HttpServer> {
  const app = express();
  for (const given of options) app.use(rateLimit({ standardHeaders: 'draft-7', legacyHeaders: false, logger: SILENT, ...given }));
  app.get('/', (request, response) => void response.status(request.query['fail'] === undefined ? 200 : 500).send('hello'));
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(503).send(error.name);
  });
  return HttpServer.of(app);
}

/** Validations of express-rate-limit that fail would be here: each test expects none. */
const warnings: unknown[] = [];
const SILENT = { error: (...values: unknown[]) => warnings.push(values), warn: (...values: unknown[]) => warnings.push(values) } as never;

async function statuses(url: string, count: number): Promise<number[]> {
  const answers: number[] = [];
  for (const _ of range(0, count)) answers.push((await fetch(url)).status);
  return answers;
}

test('hits are counted from 1, until the end of the window that the first one began', async () => {
  const store = storeOf();
  const before = Date.now();
  const first = await store.increment('key');
  expect(first.totalHits).toBe(1);
  expect(first.resetTime!.getTime()).toBeGreaterThan(before);
  expect(first.resetTime!.getTime()).toBeLessThanOrEqual(Date.now() + MINUTE);
  const second = await store.increment('key');
  expect(second.totalHits).toBe(2);
  expect(await store.get('key')).toEqual({ totalHits: 2, resetTime: expect.any(Date) });
  expect(await store.get('other')).toBeUndefined();
});

test('a hit is taken back, but none of a window that is over', async () => {
  const store = storeOf();
  await store.increment('key');
  await store.increment('key');
  await store.decrement('key');
  expect((await store.increment('key')).totalHits).toBe(2);
  await store.decrement('other');
  expect((await store.increment('other')).totalHits).toBe(1);
  for (const _ of range(0, 3)) await store.decrement('other');
  expect(await store.get('other')).toMatchObject({ totalHits: 0 });
});

test('keys are reset, one or all', async () => {
  const store = storeOf();
  for (const key of ['one', 'two', 'three']) await store.increment(key);
  await store.resetKey('one');
  expect((await store.increment('one')).totalHits).toBe(1);
  await store.resetAll();
  expect(await Promise.all(['two', 'three'].map((key) => store.get(key)))).toEqual([undefined, undefined]);
});

test('a new window begins after the old one', async () => {
  const store = storeOf(dict, 20);
  await store.increment('key');
  await until('the window is over', async () => (await dict.size()) === 0);
  expect((await store.increment('key')).totalHits).toBe(1);
});

test('a limiter lets the limit through, and answers 429 to the rest', async () => {
  await using server = await serve({ store: storeOf(), windowMs: MINUTE, limit: 3 });
  expect(await statuses(server.url, 4)).toEqual([200, 200, 200, 429]);
  const { headers } = await fetch(server.url);
  expect(headers.get('ratelimit')).toMatch(/^limit=3, remaining=0, reset=\d+$/);
  expect(warnings).toEqual([]);
});

test('the servers of two processes count together', async () => {
  await using one = await serve({ store: new RateLimitStore(dict), windowMs: MINUTE, limit: 3 });
  await using two = await serve({ store: new RateLimitStore(managers.two.dict(dict.name)), windowMs: MINUTE, limit: 3 });
  expect(await statuses(one.url, 2)).toEqual([200, 200]);
  expect(await statuses(two.url, 2)).toEqual([200, 429]);
  expect(warnings).toEqual([]);
});

test('requests that fail are not counted where that is asked for', async () => {
  await using server = await serve({ store: new RateLimitStore(dict), windowMs: MINUTE, limit: 1, skipFailedRequests: true });
  expect(await statuses(`${server.url}/?fail`, 1)).toEqual([500]);
  const [key] = [...(await dict.toMap()).keys()];
  await until('the failure is taken back', async () => (await dict.get(key!)) === 0);
  expect(await statuses(server.url, 2)).toEqual([200, 429]);
});

test('two limiters with a dict each count a request without a warning; with one dict it is counted twice, and told', async () => {
  await using server = await serve(
    { store: new RateLimitStore(dict), windowMs: MINUTE, limit: 2 },
    { store: new RateLimitStore(managers.dict()), windowMs: MINUTE, limit: 1 },
  );
  expect(await statuses(server.url, 2)).toEqual([200, 429]);
  expect(warnings).toEqual([]);
  await using twice = await serve({ store: new RateLimitStore(dict), limit: 9 }, { store: new RateLimitStore(dict), limit: 9 });
  await fetch(twice.url);
  expect(String(warnings.splice(0))).toContain('ERR_ERL_DOUBLE_COUNT');
});

test('an error of the manager goes to the application, or lets requests pass where that is asked for', async () => {
  const lost = await managers.lost<number>();
  await using strict = await serve({ store: new RateLimitStore(lost) });
  const answer = await fetch(strict.url);
  expect([answer.status, await answer.text()]).toEqual([503, new ClosedError('').name]);
  await using lenient = await serve({ store: new RateLimitStore(lost), passOnStoreError: true });
  expect((await fetch(lenient.url)).status).toBe(200);
  warnings.length = 0;
});
