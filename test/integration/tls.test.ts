import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, UnauthenticatedError, type ConnectOptions } from 'commonhold';
import { HeartbeatThread } from '../../client/connect/heartbeat-thread.js';
import { ProvenTime } from '../../client/connect/transport/proven-time.js';
import { parseAddress } from '../../proto/address.js';
import { Authority, tlsFlags, type Certified } from '../support/certificates.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { connectHttp2, RawCall, unaryCall, type Face } from '../support/grpc.js';
import { attack, attacks } from '../support/hostile.js';
import { Program } from '../support/program.js';
import { Proxy } from '../support/proxy.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// TLS on TCP ports, with and without certificates of clients: what passes, and each refusal, for the SDK and for any gRPC client.

const VISIT = new URL('./programs/visit.js', import.meta.url);
const WORKER = new URL('./programs/length.js', import.meta.url);
const INFO = 'commonhold.v1.ManagerService/Info';
const HOUR = 3_600_000;
/** Number of hostile clients of each face, and the seed of their bytes. */
const [ATTACKS, SEED] = [50, 1];
const FACES = ['grpc', 'sdk'] as const satisfies readonly Face[];

const authority = new Authority('the authority');
const stranger = new Authority('another authority');
const ca = authority.cert;
let folder: Temporary;

beforeAll(() => {
  folder = new Temporary();
});

afterAll(() => folder[Symbol.dispose]());

/** Starts a daemon that speaks TLS on a free port, with files in a folder of its own. */
function serve(directory: Temporary, certified = authority.certify(), ...flags: string[]): Promise<Daemon> {
  return Daemon.serve(['--listen', '127.0.0.1:0', ...tlsFlags(directory, certified), ...flags]);
}

/** Returns the error of a connection. */
function failure(address: string, options: ConnectOptions): Promise<unknown> {
  return Manager.connect(address, options).then(
    (manager) => manager.close(),
    (error: unknown) => error,
  );
}

/** Returns the fingerprint of the certificate that a daemon shows. */
async function fingerprintOf(daemon: Daemon): Promise<string> {
  const { port } = parseAddress(daemon.address) as { port: number };
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe('a daemon with a certificate', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve(folder);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test('serves the SDK, by options and by the environment', async () => {
    await using manager = await Manager.connect(daemon.address, { tls: { ca } });
    await manager.dict<string, number>('scores').set('alice', 3);
    const large = randomBytes(4 * 1024 * 1024);
    await manager.value('large', large).create();
    expect(large.equals((await manager.value('large', large).get()) as Uint8Array)).toBe(true);
    const variables = { COMMONHOLD_TLS_CA: folder.join('ca.pem') };
    writeFileSync(variables.COMMONHOLD_TLS_CA, ca);
    const visited = await Program.node(VISIT, [daemon.address], variables).exited;
    expect(JSON.parse(visited.stdout)).toMatchObject({ address: daemon.address });
    expect(await commonhold(['dump', daemon.address], variables)).toMatchObject({ code: 0, stdout: expect.stringContaining('scores') });
  });

  test('serves any gRPC client, TLS 1.2 included', async () => {
    expect(await unaryCall(daemon.address, INFO, new Uint8Array(), undefined, {}, { ca })).toMatchObject({ status: 0 });
    for (const face of FACES) {
      await using raw = await RawSession.open(daemon.address, { face, tls: { ca, maxVersion: 'TLSv1.2' } });
      expect(raw.welcome.sessionId).not.toBe('');
    }
  });

  test.each(['fork', 'thread'] as const)('is known to the workers of its clients (%s)', async (way) => {
    await using manager = await Manager.connect(daemon.address, { tls: { ca: Buffer.from(ca) } });
    const numbers = manager.list<number>();
    await numbers.push(1, 2, 3);
    expect(await manager[way]<typeof import('./programs/length.js')>(WORKER, numbers).result).toBe(3);
  });

  test('gets heartbeats over TLS, from their thread', async () => {
    await using raw = await RawSession.open(daemon.address, { tls: { ca }, hello: { leaseMs: HOUR, hostId: 'elsewhere' } });
    const { sessionId, secret } = raw.welcome;
    const proven = new ProvenTime();
    const { ageMs } = proven;
    const session = { address: parseAddress(daemon.address), credentials: { tls: { ca } }, sessionId, secret, leaseMs: 1_000 };
    const stop = HeartbeatThread.ofThisThread.start(session, proven, { silent() {}, heard() {}, ended() {} });
    await until('a heartbeat is answered', () => proven.ageMs < ageMs);
    stop();
  });

  test('is refused by a client that does not know its authority', async () => {
    for (const tls of [{}, { ca: stranger.cert }]) {
      const error = await failure(daemon.address, { tls });
      expect(error).toBeInstanceOf(UnauthenticatedError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/cannot be verified .*tls\.ca.*COMMONHOLD_TLS_CA/),
        address: daemon.address,
      });
    }
  });

  test('is refused by a client that expects another host', async () => {
    const error = await failure(daemon.address, { tls: { ca, serverName: 'example.com' } });
    expect(error).toBeInstanceOf(UnauthenticatedError);
    expect((error as Error).message).toMatch(/example\.com.*tls\.serverName/);
  });

  test('refuses a plain connection of the SDK, which is told of TLS', async () => {
    const { stdout } = await Program.node(VISIT, [daemon.address]).exited;
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/refused the connection, because this address speaks TLS: give tls: \{ ca \}/),
      address: daemon.address,
    });
  });

  test.each(FACES)('refuses a plain connection of any client, with the reason (%s)', async (face) => {
    const connection = connectHttp2(daemon.address, face);
    const reason = new Promise((resolve) => connection.on('goaway', (code, _, text) => resolve([code, String(text)])));
    const call = new RawCall(connection, INFO);
    expect(await reason).toEqual([12, 'this address speaks TLS']);
    expect((await call.ended).status).toBeUndefined();
  });

  test('closes a connection that speaks neither', async () => {
    const { port } = parseAddress(daemon.address) as { port: number };
    const socket = connectSocket(port, '127.0.0.1').resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
  });

  test('goes on after bytes of hostile clients, in TLS and as TLS', async () => {
    const { port } = parseAddress(daemon.address) as { port: number };
    for (const [index, attempt] of [...attacks('grpc', ATTACKS, SEED), ...attacks('sdk', ATTACKS, SEED)].entries()) {
      await attack(connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] }), attempt);
      // The header of a record, of a length that the pieces need not have.
      const record = Buffer.of(0x16, 3, 1, 0, index % 256);
      await attack(connectSocket(port, '127.0.0.1'), { ...attempt, pieces: [record, ...attempt.pieces] });
    }
    await using manager = await Manager.connect(daemon.address, { tls: { ca } });
    expect(await manager.stats()).toBeDefined();
  });

  test('refuses a client that negotiates nothing, with the reason', async () => {
    const { port } = parseAddress(daemon.address) as { port: number };
    const chunks: Buffer[] = [];
    for await (const chunk of connectTls({ port, ca, host: '127.0.0.1' })) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('offer "h2" by ALPN');
  });

  test('agrees on nothing but HTTP/2', async () => {
    const { port } = parseAddress(daemon.address) as { port: number };
    const socket = connectTls({ port, ca, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] });
    await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow(/no application protocol/);
  });
});

test('a manager that speaks no TLS tells so', async () => {
  await using daemon = await Daemon.serve();
  const error = await failure(daemon.address, { tls: { ca } });
  expect(error).toBeInstanceOf(UnauthenticatedError);
  expect((error as Error).message).toMatch(/speaks no TLS: .*--tls-cert/);
});

test('a connection over TLS beyond the limit can be made again later', async () => {
  using directory = new Temporary();
  await using daemon = await serve(directory, authority.certify(), '--max-connections', '1');
  await using manager = await Manager.connect(daemon.address, { tls: { ca } });
  expect(manager.state).toBe('connected');
  expect(await failure(daemon.address, { tls: { ca } })).toMatchObject({ code: 'MANAGER_UNAVAILABLE', retryable: true });
});

test('a certificate that has expired is refused, and told with its remedy', async () => {
  using directory = new Temporary();
  await using daemon = await serve(directory, authority.certify({ days: -1 }));
  const error = await failure(daemon.address, { tls: { ca } });
  expect(error).toBeInstanceOf(UnauthenticatedError);
  expect((error as Error).message).toMatch(/expired.*renew it/);
});

describe('a daemon that asks for certificates of clients', () => {
  let directory: Temporary;
  let daemon: Daemon;
  const own = authority.certify({ hosts: ['client'] });
  beforeAll(async () => {
    directory = new Temporary();
    writeFileSync(directory.join('clients.pem'), ca);
    daemon = await serve(directory, authority.certify(), '--tls-client-ca', directory.join('clients.pem'));
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  test('serves a client that has one, and a worker of it', async () => {
    await using manager = await Manager.connect(daemon.address, { tls: { ca, ...own } });
    expect(inspect(manager, { depth: Infinity, showHidden: true }) + JSON.stringify(manager)).not.toContain('PRIVATE KEY');
    const numbers = manager.list<number>();
    await numbers.push(1);
    expect(await manager.fork<typeof import('./programs/length.js')>(WORKER, numbers).result).toBe(1);
    expect(await unaryCall(daemon.address, INFO, new Uint8Array(), undefined, {}, { ca, ...own })).toMatchObject({ status: 0 });
  });

  for (const [what, certified, reason] of [
    ['none', {}, /client certificate is needed/],
    ['one of another authority', stranger.certify(), /client certificate is needed.*UNABLE_TO_/],
    ['one that has expired', authority.certify({ days: -1 }), /client certificate is needed.*CERT_HAS_EXPIRED/],
  ] as const) {
    test(`refuses a client that has ${what}`, async () => {
      const error = await failure(daemon.address, { tls: { ca, ...(certified as Partial<Certified>) } });
      expect(error).toBeInstanceOf(UnauthenticatedError);
      expect((error as Error).message).toMatch(reason);
      expect((error as Error).message).toMatch(/tls\.cert and tls\.key/);
      for (const face of FACES) {
        const connection = connectHttp2(daemon.address, face, { ca, ...certified });
        const refused = new Promise((resolve) => connection.on('goaway', (_code, _last, text) => resolve(String(text))));
        const call = new RawCall(connection, 'grpc.health.v1.Health/Check');
        expect(await refused).toMatch(reason);
        expect((await call.ended).status).toBeUndefined();
      }
    });
  }
});

describe('a session of TLS that a client without a certificate resumes', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is refused as its first connection was (%s)', async (maxVersion) => {
    using directory = new Temporary();
    writeFileSync(directory.join('clients.pem'), ca);
    await using daemon = await serve(directory, authority.certify(), '--tls-client-ca', directory.join('clients.pem'));
    const { port } = parseAddress(daemon.address) as { port: number };
    const sessions: Buffer[] = [];
    /** Returns everything that the daemon sends. */
    const answer = async (session?: Buffer): Promise<string> => {
      const socket = connectTls({ port, host: '127.0.0.1', ca, maxVersion, session, ALPNProtocols: ['h2'] });
      socket.on('session', (next) => sessions.push(next));
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    };
    expect(await answer()).toContain('a client certificate is needed');
    for (const session of [...sessions]) expect(await answer(session)).toContain('a client certificate is needed');
  });
});

describe('SIGHUP', () => {
  test('brings a new certificate for new connections, and keeps the ones that stand', async () => {
    using directory = new Temporary();
    await using daemon = await serve(directory);
    await using manager = await Manager.connect(daemon.address, { tls: { ca } });
    const held = await manager.lock('door').acquire();
    tlsFlags(directory, stranger.certify());
    process.kill(daemon.pid, 'SIGHUP');
    await until('the new certificate is used', async () => (await failure(daemon.address, { tls: { ca: stranger.cert } })) === undefined);
    expect(await failure(daemon.address, { tls: { ca } })).toBeInstanceOf(UnauthenticatedError);
    await held.release();
  });

  test.each([
    ['goes on over another connection', authority, 'resumed'],
    ['ends if the manager is another now', stranger, 'expired'],
  ] as const)('and a cut: a session %s', async (_, next, event) => {
    using directory = new Temporary();
    await using daemon = await serve(directory);
    await using proxy = await Proxy.to(daemon.address);
    await using manager = await Manager.connect(proxy.address, { tls: { ca } });
    await manager.lock('door').acquire();
    const told = new Promise<unknown>((resolve) => {
      manager.on('resumed', () => resolve('resumed'));
      manager.on('expired', (reason) => resolve(reason));
    });
    const certified = next.certify();
    tlsFlags(directory, certified);
    process.kill(daemon.pid, 'SIGHUP');
    const { fingerprint256 } = new X509Certificate(certified.cert);
    await until('the new certificate is used', async () => (await fingerprintOf(daemon)) === fingerprint256);
    proxy.cut();
    if (event === 'resumed') expect(await told).toBe('resumed');
    else expect(await told).toBeInstanceOf(UnauthenticatedError);
  });

  test('keeps the old certificate if the new one cannot be used, and says so', async () => {
    using directory = new Temporary();
    await using daemon = await serve(directory);
    writeFileSync(directory.join('cert.pem'), stranger.certify().cert);
    process.kill(daemon.pid, 'SIGHUP');
    await daemon.program.complained(/^commonhold: .*cert\.pem and .*key\.pem: .*; everything stays as it was\n/m);
    expect(await failure(daemon.address, { tls: { ca } })).toBeUndefined();
  });
});

describe('an address that other hosts can reach', () => {
  test('is served with TLS and a token', async () => {
    using directory = new Temporary();
    const flags = tlsFlags(directory, authority.certify());
    await using daemon = await Daemon.serve(['--listen', '0.0.0.0:0', ...flags], { COMMONHOLD_TOKEN: 'secret' });
    const address = daemon.address.replace('0.0.0.0', 'localhost');
    await using manager = await Manager.connect(address, { token: 'secret', tls: { ca } });
    expect(manager.state).toBe('connected');
  });

  test('is refused without one of them, with the command that has both', async () => {
    using directory = new Temporary();
    const flags = tlsFlags(directory, authority.certify());
    const said = async (more: string[], variables = {}): Promise<string> =>
      (await commonhold(['serve', '--listen', '0.0.0.0:0', ...more], variables)).stderr;
    expect(await said([])).toContain(
      'needs TLS and a token: commonhold serve --listen 0.0.0.0:0 --tls-cert cert.pem --tls-key key.pem --token-file token.txt\n',
    );
    expect(await said(flags)).toContain(`needs a token: commonhold serve --listen 0.0.0.0:0 ${flags.join(' ')} --token-file token.txt\n`);
    expect(await said([], { COMMONHOLD_TOKEN: 'secret' })).toContain(
      'needs TLS: commonhold serve --listen 0.0.0.0:0 --tls-cert cert.pem --tls-key key.pem\n',
    );
  });
});

test.each([
  [['--tls-cert', 'cert.pem'], /both a certificate .* and its key/],
  [['--tls-client-ca', 'ca.pem'], /both a certificate .* and its key/],
  [['--tls-cert', 'missing.pem', '--tls-key', 'key.pem'], /cannot read a file of TLS: .*missing\.pem/],
])('serve refuses %j', async (flags, message) => {
  const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', ...flags]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
});

test.each([
  [{ ca: 'no certificate' }, /PEM/],
  [{ cert: authority.certify().cert }, /a certificate and its key/],
  [{ cert: authority.certify().cert, key: authority.certify().key }, /the key is of another certificate/],
  [{ authority: ca }, /no option "authority"/],
])('connect refuses options of TLS that cannot work', async (tls, message) => {
  await expect(Manager.connect('127.0.0.1:1', { tls: tls as object })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });
});
