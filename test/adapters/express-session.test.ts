import { beforeEach, describe, expect, it, test } from '@jest/globals';
import { ClosedError, type SharedDict } from 'commonhold';
import { SessionStore } from 'commonhold/express-session';
import express from 'express';
import session, { Cookie, type SessionData } from 'express-session';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { HttpServer } from './http.js';
import { Managers } from './support.js';

// The cases of connect-redis for its store, and of express-session for the middleware with a store, in one process and in two.

declare module 'express-session' {
  interface SessionData {
    visits: number;
    user: object;
  }
}

const DAY = 86_400_000;
const MINUTE = 60_000;

const managers = new Managers();
let dict: SharedDict<string, SessionData>;
beforeEach(() => {
  dict = managers.dict();
});

/** Data of a session with a cookie that ends after that number of milliseconds. */
function ending(ms: number): SessionData {
  return { cookie: { originalMaxAge: ms, expires: new Date(Date.now() + ms) } } as unknown as SessionData;
}

/** A store with promises instead of callbacks. */
class Promises {
  constructor(private readonly store: SessionStore) {}

  get = (id: string) => told<SessionData | undefined>((done) => this.store.get(id, done));
  set = (id: string, data: SessionData) => told<void>((done) => this.store.set(id, data, done));
  touch = (id: string, data: SessionData) => told<void>((done) => this.store.touch(id, data, done));
  destroy = (id: string) => told<void>((done) => this.store.destroy(id, done));
  all = () => told<Record<string, SessionData>>((done) => this.store.all(done));
  length = () => told<number>((done) => this.store.length(done));
  clear = () => told<void>((done) => this.store.clear(done));
}

/** Resolves as a callback is told. */
function told<T>(call: (done: (error: unknown, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error === null ? resolve(result as T) : reject(error)));
  });
}

describe('the store', () => {
  let store: Promises;
  beforeEach(() => {
    store = new Promises(new SessionStore(dict));
  });

  it('keeps a session for a day where its cookie has no end, or as its option says', async () => {
    await store.set('123', { visits: 1 } as SessionData);
    expect(await store.get('123')).toEqual({ visits: 1 });
    expect(await dict.ttl('123')).toBeGreaterThan(DAY - 10 * MINUTE);
    expect(await dict.ttl('123')).toBeLessThanOrEqual(DAY);
    await new Promises(new SessionStore(dict, { ttl: 1 })).set('456', { cookie: {} } as SessionData);
    await until('the session has ended', async () => (await store.get('456')) === undefined);
  });

  it('keeps a session as long as its cookie, and moves the end when it is touched', async () => {
    await store.set('456', ending(MINUTE));
    expect(await dict.ttl('456')).toBeLessThanOrEqual(MINUTE);
    await store.touch('456', ending(2 * MINUTE));
    expect(await dict.ttl('456')).toBeGreaterThan(MINUTE);
    await store.touch('missing', ending(MINUTE));
    expect(await store.get('missing')).toBeUndefined();
  });

  it('removes a session whose cookie is over', async () => {
    for (const method of ['set', 'touch'] as const) {
      await store.set('789', ending(MINUTE));
      expect(await store.length()).toBe(1);
      await store[method]('789', ending(-MINUTE));
      expect(await store.length()).toBe(0);
    }
  });

  it('lists, counts, destroys and clears sessions', async () => {
    await Promise.all(range(0, 2501).map((id) => store.set(`s${id}`, ending(MINUTE))));
    expect(await store.length()).toBe(2501);
    const all = await store.all();
    expect(Object.keys(all).length).toBe(2501);
    expect(all['s7']).toEqual(JSON.parse(JSON.stringify(await store.get('s7'))));
    await store.destroy('s7');
    await store.destroy('s7');
    expect(await store.length()).toBe(2500);
    await store.clear();
    expect(await store.length()).toBe(0);
  });

  it('stores the data, no text, as JSON would have it', async () => {
    const cookie = Object.assign(new Cookie(), { maxAge: MINUTE });
    await store.set('1', { cookie, user: { id: { toJSON: () => 'id-1' }, name: 'Ada' } } as unknown as SessionData);
    expect(await dict.get('1')).toMatchObject({
      user: { id: 'id-1', name: 'Ada' },
      cookie: { originalMaxAge: MINUTE, path: '/' },
    });
  });

  it('gives the errors of the manager as they are', async () => {
    const failing = new Promises(new SessionStore(await managers.lost()));
    await expect(failing.get('1')).rejects.toThrow(ClosedError);
    await expect(failing.set('1', ending(MINUTE))).rejects.toThrow(ClosedError);
    await expect(failing.destroy('1')).rejects.toThrow(ClosedError);
  });
});

describe('the middleware', () => {
  function serve(of: SharedDict<string, SessionData>): Promise<HttpServer> {
    const app = express();
    const store = new SessionStore(of);
    app.use(session({ store, secret: 'secret', resave: false, saveUninitialized: false, rolling: true, cookie: { maxAge: MINUTE } }));
    app.get('/', (request, response) => {
      request.session.visits = (request.session.visits ?? 0) + 1;
      response.json({ visits: request.session.visits, id: request.sessionID });
    });
    app.get('/nothing', (request, response) => void response.json({ visits: request.session.visits ?? 0 }));
    app.get('/regenerate', (request, response, next) => {
      request.session.regenerate((error) => (error ? next(error) : response.json({ id: request.sessionID })));
    });
    app.get('/reload', (request, response, next) => {
      request.session.visits = -1;
      request.session.reload((error) => (error ? next(error) : response.json({ visits: request.session.visits })));
    });
    app.get('/destroy', (request, response, next) => {
      request.session.destroy((error: unknown) => (error ? next(error) : response.json({})));
    });
    app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(503).json({ error: error.name });
    });
    return HttpServer.of(app);
  }

  /** A browser with one cookie. */
  class Browser {
    cookie: string | undefined;

    async get(url: string): Promise<Record<string, unknown>> {
      const answer = await fetch(url, this.cookie === undefined ? {} : { headers: { cookie: this.cookie } });
      this.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.cookie;
      return (await answer.json()) as Record<string, unknown>;
    }
  }

  test('a session goes on at the server of another process', async () => {
    await using one = await serve(dict);
    await using two = await serve(managers.two.dict(dict.name));
    const browser = new Browser();
    const { id, visits } = await browser.get(one.url);
    expect(visits).toBe(1);
    expect(await browser.get(two.url)).toEqual({ visits: 2, id });
    expect(await browser.get(one.url)).toEqual({ visits: 3, id });
    expect(await new Browser().get(one.url)).toMatchObject({ visits: 1 });
    expect(await dict.size()).toBe(2);
  });

  test('a request that changes nothing touches the session', async () => {
    await using server = await serve(dict);
    const browser = new Browser();
    const { id } = (await browser.get(server.url)) as { id: string };
    await dict.touch(id, 30_000);
    expect(await browser.get(`${server.url}/nothing`)).toEqual({ visits: 1 });
    expect(await dict.ttl(id)).toBeGreaterThan(30_000);
  });

  test('a session that is not begun is not stored', async () => {
    await using server = await serve(dict);
    await new Browser().get(`${server.url}/nothing`);
    expect(await dict.size()).toBe(0);
  });

  test('a session is regenerated, reloaded and destroyed', async () => {
    await using server = await serve(dict);
    const browser = new Browser();
    const { id } = await browser.get(server.url);
    expect(await browser.get(`${server.url}/reload`)).toEqual({ visits: 1 });
    const regenerated = await browser.get(`${server.url}/regenerate`);
    expect(regenerated['id']).not.toBe(id);
    expect(await dict.has(id as string)).toBe(false);
    expect(await browser.get(server.url)).toEqual({ visits: 1, id: regenerated['id'] });
    await browser.get(`${server.url}/destroy`);
    expect(await dict.size()).toBe(0);
  });

  test('a session that ended begins again', async () => {
    await using server = await serve(dict);
    const browser = new Browser();
    const { id } = (await browser.get(server.url)) as { id: string };
    await dict.delete(id);
    expect((await browser.get(server.url))['visits']).toBe(1);
  });

  test('an error of the manager goes to the application', async () => {
    await using server = await serve(await managers.lost());
    const browser = new Browser();
    browser.cookie = 'connect.sid=s%3Aid.signature';
    // The signature is wrong, so that the session is new, and cannot be stored.
    expect(await browser.get(`${server.url}/regenerate`)).toEqual({ error: 'ClosedError' });
  });
});
