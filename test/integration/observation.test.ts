import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';

// Metrics and health over HTTP, of a daemon with a token.

const TOKEN = 'the token of this test';

let daemon: Daemon;
let http: string;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0'], { COMMONHOLD_TOKEN: TOKEN });
  http = await urlOf(daemon);
  manager = await Manager.connect(daemon.address, { token: TOKEN });
});

afterAll(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
});

async function urlOf({ program }: Daemon): Promise<string> {
  const [, url] = await program.said(/serves metrics and health at (\S+)\n/);
  return url!;
}

async function metrics(): Promise<Map<string, number>> {
  const response = await fetch(`${http}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** Status of a request with these headers, of which `fetch` would replace some. */
function status(path: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${http}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
}

describe('metrics', () => {
  test('have objects, sessions, calls, limits, and the process', async () => {
    await manager.dict('counted').set('text', 'x'.repeat(1_000));
    await using held = await manager.lock('held').acquire();
    expect(held.signal.aborted).toBe(false);
    const found = await metrics();
    expect(found.get('commonhold_objects')).toBe(2);
    expect(found.get('commonhold_payload_bytes')).toBeGreaterThan(1_000);
    expect(found.get('commonhold_sessions')).toBe(1);
    expect(found.get('commonhold_holds')).toBe(1);
    expect(found.get('commonhold_takes_changes')).toBe(1);
    expect(found.get('commonhold_limit{limit="sessions"}')).toBe(10_000);
    expect(found.get('commonhold_limit_used{limit="in_flight"}')).toBeDefined();
    expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(0);
    const sets = 'commonhold_calls_total{service="commonhold.v1.DictService",method="Set"}';
    expect(found.get(sets)).toBe(1);
    expect(found.get('commonhold_header_bytes_count')).toBe(1);
    await manager.dict('counted').set('text', '');
    const later = await metrics();
    expect(later.get(sets)).toBe(2);
    for (const name of ['commonhold_received_bytes_total', 'commonhold_sent_bytes_total']) {
      expect(later.get(name)).toBeGreaterThan(found.get(name)!);
    }
  });

  test('are counters where numbers only grow, and gauges and histograms elsewhere', async () => {
    const text = await (await fetch(`${http}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
    const types = [...text.matchAll(/^# TYPE (commonhold_\S+) (\S+)$/gm)].map(([, name, type]) => [name!.endsWith('_total'), type]);
    expect(types.length).toBeGreaterThan(10);
    for (const [isTotal, type] of types) expect(isTotal ? ['counter'] : ['gauge', 'histogram']).toContain(type);
  });

  test('need the token', async () => {
    expect((await fetch(`${http}/metrics`)).status).toBe(401);
    expect(await status('/metrics', { authorization: 'Bearer wrong' })).toBe(401);
    expect(await status('/metrics', {})).toBe(200);
  });
});

test('health says that the process works and that the manager takes changes, without a token', async () => {
  for (const path of ['/healthz', '/readyz']) expect((await fetch(http + path)).status).toBe(200);
  expect((await fetch(`${http}/other`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(404);
});

test('a manager that cannot write its log is not ready, and works', async () => {
  using directory = new Temporary();
  const flags = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--data-dir', directory.join('data')];
  await using failing = await Daemon.serve(flags, { COMMONHOLD_FAILPOINTS: 'log.flush=EIO@30,segment.prepare=EIO@2' });
  await using client = await Manager.connect(failing.address);
  const url = await urlOf(failing);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const fill = async (): Promise<never> => {
    for (let key = 0; ; key++) await client.dict('dict').set(String(key), key);
  };
  await expect(fill()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test.each(['//', '/a b', '/%', '/../metrics', 'http://['])('a request of the path %s ends nothing', async (path) => {
  const connection = connect(Number(new URL(http).port), '127.0.0.1');
  connection.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(await text(connection)).toMatch(/^HTTP\/1\.1 (400|401|404) /);
  expect((await fetch(`${http}/healthz`)).status).toBe(200);
});

describe('pages of other sites', () => {
  test.each([
    ['a name that leads here', { host: 'evil.example' }],
    ['an origin', { origin: 'https://evil.example' }],
  ])('with %s are refused', async (_, headers) => {
    expect(await status('/healthz', headers)).toBe(403);
  });

  test('change nothing: only GET is served', async () => {
    expect(await status('/healthz', {}, 'POST')).toBe(405);
  });
});

test('an address that other hosts can reach is refused, with the remedy', async () => {
  const { code, stderr } = await commonhold(['serve', '--http', '0.0.0.0:7421']);
  expect(code).toBe(1);
  expect(stderr).toContain('other hosts can reach 0.0.0.0:7421, and HTTP is plain: give --http 127.0.0.1:7421');
});
