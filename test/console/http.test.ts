import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import {
  DictServiceGetRequestSchema,
  DictServiceGetResponseSchema,
  DictServiceSetRequestSchema,
  ErrorCode,
  ErrorSchema,
  ListServiceIndexOfRequestSchema,
  PayloadSchema,
  QueueServiceGetRequestSchema,
} from 'commonhold/proto';
import { buf } from '../support/buf.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { READER, WRITER, secretOf, writeTokens } from '../support/tokens.js';
import { until } from '../support/until.js';

// The methods of the contract over HTTP/1.1, and the files of the console.

const GET = '/commonhold.v1.DictService/Get';
const SET = '/commonhold.v1.DictService/Set';
const REQUEST = toBinary(
  DictServiceGetRequestSchema,
  create(DictServiceGetRequestSchema, { name: 'shared.dict', key: { kind: { case: 'text', value: 'key' } } }),
);
const CHANGE = toBinary(
  DictServiceSetRequestSchema,
  create(DictServiceSetRequestSchema, {
    name: 'shared.dict',
    key: { kind: { case: 'text', value: 'key' } },
    value: { kind: { case: 'text', value: 'changed' } },
  }),
);

let folder: Temporary;
let daemon: Daemon;
let http: string;
let writer: Manager;

beforeAll(async () => {
  folder = new Temporary();
  const flags = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--tokens', writeTokens(folder, [READER, WRITER])];
  daemon = await Daemon.serve(flags);
  http = await consoleOf(daemon);
  writer = await Manager.connect(daemon.address, { token: secretOf('writer') });
});

afterAll(async () => {
  await writer.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

beforeAll(async () => {
  await writer.dict('shared.dict').set('key', { stored: true });
});

async function consoleOf({ program }: Daemon): Promise<string> {
  const [, url] = await program.said(/shows its console at (\S+)\/\n/);
  return url!;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request with these headers, of which `fetch` would replace some. */
function send(
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(`${http}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    call.on('error', reject).end(body);
  });
}

const call = (path: string, body: Uint8Array, token: string | undefined, headers: Record<string, string> = {}): Promise<Answer> =>
  send(
    path,
    { 'content-type': 'application/proto', ...(token !== undefined && { authorization: `Bearer ${secretOf(token)}` }), ...headers },
    body,
  );

function errorIn({ body }: Answer) {
  const { code, details } = JSON.parse(body.toString()) as { code: string; details: { type: string; value: string }[] };
  expect(details[0]!.type).toBe('commonhold.v1.Error');
  return { code, error: fromBinary(ErrorSchema, Buffer.from(details[0]!.value, 'base64')) };
}

async function waiters(match: string): Promise<number> {
  for await (const info of writer.objects({ match })) return info.waiters;
  return 0;
}

describe('methods', () => {
  test('answer in protobuf, with values as JSON unless packed ones are asked for', async () => {
    const readable = await call(GET, REQUEST, 'reader');
    expect(readable.status).toBe(200);
    expect(readable.headers['content-type']).toBe('application/proto');
    expect(fromBinary(DictServiceGetResponseSchema, readable.body).value?.kind.case).toBe('json');
    const packed = await call(GET, REQUEST, 'reader', { 'commonhold-payloads': 'packed' });
    expect(fromBinary(DictServiceGetResponseSchema, packed.body).value?.kind.case).toBe('packed');
  });

  test('fail with the typed error, and change nothing without the right', async () => {
    const denied = await call(SET, CHANGE, 'reader');
    expect(denied.status).toBe(403);
    const { code, error } = errorIn(denied);
    expect(code).toBe('permission_denied');
    expect(error.code).toBe(ErrorCode.PERMISSION_DENIED);
    expect(error.message).toContain('no right to write "shared.dict"');
    expect(await writer.dict('shared.dict').get('key')).toEqual({ stored: true });
  });

  test('change with the right, once for a request id', async () => {
    const headers = { 'commonhold-request-id': 'request-1' };
    expect((await call(SET, CHANGE, 'writer', headers)).status).toBe(200);
    await writer.dict('shared.dict').set('key', 'later');
    expect((await call(SET, CHANGE, 'writer', headers)).status).toBe(200);
    expect(await writer.dict('shared.dict').get('key')).toBe('later');
  });

  test.each([undefined, 'nobody'])('need a token: %s is refused', async (token) => {
    const answer = await call(GET, REQUEST, token);
    expect(answer.status).toBe(401);
    expect(errorIn(answer).error.code).toBe(ErrorCode.UNAUTHENTICATED);
  });

  test('take protobuf alone, which no form of another site can send', async () => {
    expect((await call(GET, REQUEST, 'reader', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await send(GET, { authorization: `Bearer ${secretOf('reader')}` })).status).toBe(405);
    expect((await call('/commonhold.v1.DictService/None', REQUEST, 'reader')).status).toBe(405);
  });

  test('refuse rubbish', async () => {
    const answer = await call(GET, Buffer.from('rubbish'), 'reader');
    expect(answer.status).toBe(400);
    expect(errorIn(answer).error.code).toBe(ErrorCode.INVALID_ARGUMENT);
  });

  test('give up a waiting call with its connection', async () => {
    const waiting = new AbortController();
    await writer.queue('shared.queue').create();
    const headers = { 'content-type': 'application/proto', authorization: `Bearer ${secretOf('writer')}` };
    const body = Buffer.concat([Buffer.from([10, 12]), Buffer.from('shared.queue')]);
    const call = fetch(`${http}/commonhold.v1.QueueService/Get`, { method: 'POST', headers, body, signal: waiting.signal });
    while ((await waiters('shared.queue')) === 0);
    waiting.abort();
    await expect(call).rejects.toThrow('aborted');
    while ((await waiters('shared.queue')) > 0);
    await writer.queue('shared.queue').put('kept');
    expect(await writer.queue('shared.queue').size()).toBe(1);
  });

  test('are not called for a caller who leaves while others have their turns', async () => {
    const [list, queue] = [writer.list<object>('shared.list'), writer.queue('shared.turns')];
    await queue.create();
    await list.extend(Array.from({ length: 20_000 }, (_, id) => ({ id, name: `item ${id}` })));
    // { id: -1 }
    const value = create(PayloadSchema, { kind: { case: 'packed', value: Buffer.from('81a26964ff', 'hex') } });
    const search = toBinary(ListServiceIndexOfRequestSchema, create(ListServiceIndexOfRequestSchema, { name: list.name, value }));
    // One client each, of which a turn has time for one.
    const others = Array.from({ length: 50 }, () => call('/commonhold.v1.ListService/IndexOf', search, 'writer'));
    const headers = { 'content-type': 'application/proto', authorization: `Bearer ${secretOf('writer')}` };
    const get = toBinary(QueueServiceGetRequestSchema, create(QueueServiceGetRequestSchema, { name: queue.name }));
    const leaving = Array.from({ length: 5 }, () =>
      request(`${http}/commonhold.v1.QueueService/Get`, { method: 'POST', headers })
        .on('error', () => {})
        .end(get),
    );
    await Promise.all(leaving.map((call) => once(call, 'finish')));
    // Answered at once, after the daemon has read the calls.
    await send('/healthz');
    for (const call of leaving) call.destroy();
    for (const { status } of await Promise.all(others)) expect(status).toBe(200);
    // A call that had its turn before its caller left waits until the daemon knows of that.
    await until('no call waits', async () => (await waiters(queue.name)) === 0);
    await queue.put('kept');
    expect(await queue.size()).toBe(1);
  });

  test('are the ones of the Connect protocol to its clients', async () => {
    const flags = ['curl', '--protocol', 'connect', '--schema', 'proto', '--header', `authorization: Bearer ${secretOf('reader')}`];
    const { code, stdout, stderr } = await buf(...flags, '--data', '{"name":"shared.dict"}', `${http}/commonhold.v1.DictService/Size`);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ size: 1 });
    const failed = await buf(...flags, '--data', '{"name":"absent"}', `${http}/commonhold.v1.DictService/Size`);
    expect(failed.stderr).toContain('permission_denied');
  });
});

describe('other sites', () => {
  test.each([
    ['a name that leads here', { host: 'evil.example' }],
    ['an origin', { origin: 'https://evil.example' }],
    ['an origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['no origin to name', { origin: 'null' }],
  ])('with %s get nothing', async (_, headers) => {
    expect((await call(SET, CHANGE, 'writer', headers)).status).toBe(403);
    expect((await send('/', headers)).status).toBe(403);
  });

  test('are others: the own origin is taken', async () => {
    expect((await call(GET, REQUEST, 'reader', { origin: http })).status).toBe(200);
  });
});

describe('files', () => {
  test('are a page that runs its own scripts alone, and what it loads, which never changes', async () => {
    const { headers, body } = await send('/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(headers['cache-control']).toBe('no-cache');
    const names = [...body.toString().matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);
    expect(names).toHaveLength(3);
    for (const name of names) {
      const file = await send(name);
      expect(file.status).toBe(200);
      expect(file.headers['cache-control']).toContain('immutable');
      expect(file.body.length).toBeGreaterThan(100);
    }
  });

  test.each(['/console.js', '/../package.json', '/%2e%2e/package.json', '/index.html', '/icon-AAAAAAAA.svg'])(
    'end there: %s is absent',
    async (path) => {
      expect((await send(path)).status).toBe(404);
    },
  );
});

describe('a manager that only some processes can use', () => {
  test('is not opened to all users of the host by its console', async () => {
    using place = new Temporary();
    await using closed = await Daemon.serve(['--listen', `unix:${place.join('socket')}`, '--http', '127.0.0.1:0']);
    const url = await consoleOf(closed);
    expect((await fetch(`${url}/`)).status).toBe(200);
    const response = await fetch(`${url}${GET}`, { method: 'POST', headers: { 'content-type': 'application/proto' }, body: REQUEST });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain('start the manager with --token-file FILE');
  });
});
