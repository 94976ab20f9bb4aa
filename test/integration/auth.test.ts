import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager, UnauthenticatedError } from 'commonhold';
import {
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
} from '../../proto/gen/grpc/health/v1/health_pb.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { Program } from '../support/program.js';
import { RawSession } from '../support/raw-session.js';

// Access to a daemon with a token, and the standard health service.

const TOKEN = 'correct horse battery staple';
const UNAUTHENTICATED = 16;
const VISIT = new URL('./programs/visit.js', import.meta.url);
const REFLECTION = [
  'grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];
/** { listServices: "" }, the same in both versions. */
const LIST_SERVICES = Buffer.from('3a00', 'hex');

const statusOf = (message: Uint8Array | undefined): Serving => fromBinary(HealthCheckResponseSchema, message!).status;
const checkOf = (service: string): Uint8Array => toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service }));

/** Returns how a stream of one message and its answer ends. */
async function stream(
  address: string,
  method: string,
  message: Uint8Array,
  token?: string,
): Promise<{ status: number | undefined; answered: boolean }> {
  const session = connectHttp2(address);
  const call = new RawCall(session, method, token);
  call.stream.end(framed(message));
  const answered = (await call.message()) !== undefined;
  const { status } = await call.ended;
  session.destroy();
  return { status, answered };
}

describe('a token', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: TOKEN });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  for (const [what, token] of [
    ['no token', undefined],
    ['a wrong token', 'wrong'],
    ['a part of the token', TOKEN.slice(0, -1)],
    ['an empty token', ''],
  ] as const) {
    describe(`required, and ${what} given`, () => {
      test('refuses the SDK with UnauthenticatedError, at once (Python: test_answer_challenge_auth_failure)', async () => {
        await expect(Manager.connect(daemon.address, { token })).rejects.toBeInstanceOf(UnauthenticatedError);
      });

      test.each(['grpc', 'sdk'] as const)('refuses a session (%s)', async (face) => {
        await using raw = RawSession.silent(daemon.address, { face, ...(token === undefined ? {} : { token }) });
        expect(await raw.ended).toMatchObject({ status: UNAUTHENTICATED, message: expect.stringContaining('authorization') });
      });

      test('refuses unary calls, health and reflection', async () => {
        for (const method of [
          'commonhold.v1.ManagerService/Info',
          'commonhold.v1.DictService/Get',
          'grpc.health.v1.Health/Check',
          'grpc.health.v1.Health/List',
        ]) {
          expect(await unaryCall(daemon.address, method, new Uint8Array(), token)).toMatchObject({
            status: UNAUTHENTICATED,
            response: undefined,
          });
        }
        for (const method of [...REFLECTION, 'grpc.health.v1.Health/Watch']) {
          expect(await stream(daemon.address, method, LIST_SERVICES, token)).toEqual({ status: UNAUTHENTICATED, answered: false });
        }
      });
    });
  }

  test('that is correct opens all of them (Python: test_challengeresponse, test_remote)', async () => {
    await using manager = await Manager.connect(daemon.address, { token: TOKEN });
    await manager.dict<string, number>('scores').set('alice', 3);
    for (const face of ['grpc', 'sdk'] as const) {
      await using raw = await RawSession.open(daemon.address, { face, token: TOKEN });
      expect(raw.welcome.sessionId).not.toBe('');
    }
    for (const method of ['commonhold.v1.ManagerService/Info', 'grpc.health.v1.Health/Check']) {
      expect((await unaryCall(daemon.address, method, new Uint8Array(), TOKEN)).status).toBe(0);
    }
    for (const method of REFLECTION)
      expect(await stream(daemon.address, method, LIST_SERVICES, TOKEN)).toEqual({ status: 0, answered: true });
  });

  test('comes to a program by its environment, or by a file', async () => {
    using directory = new Temporary();
    const file = directory.join('token');
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    const visit = async (variables: NodeJS.ProcessEnv): Promise<unknown> =>
      JSON.parse((await Program.node(VISIT, [daemon.address], variables).exited).stdout);
    expect(await visit({})).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await visit({ COMMONHOLD_TOKEN: TOKEN })).toMatchObject({ address: daemon.address });
    expect(await visit({ COMMONHOLD_TOKEN_FILE: file })).toMatchObject({ address: daemon.address });
    expect(await visit({ COMMONHOLD_TOKEN: 'wrong', COMMONHOLD_TOKEN_FILE: file })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('is hidden in a manager that is logged, and in a reference', async () => {
    await using manager = await Manager.connect(daemon.address, { token: TOKEN });
    expect(manager.token).toBe(TOKEN);
    expect(JSON.stringify([manager, Object.keys(manager), manager.dict('scores')])).not.toContain('horse');
  });
});

describe('a token file', () => {
  const serve = (file: string): Promise<Daemon> => Daemon.serve(['--listen', '127.0.0.1:0', '--token-file', file]);

  test('holds the token, by flag or by environment', async () => {
    using directory = new Temporary();
    const file = directory.join('token');
    writeFileSync(file, `  ${TOKEN}\n`, { mode: 0o600 });
    for (const daemon of [await serve(file), await Daemon.serve(undefined, { COMMONHOLD_TOKEN_FILE: file })]) {
      await expect(Manager.connect(daemon.address)).rejects.toBeInstanceOf(UnauthenticatedError);
      await using manager = await Manager.connect(daemon.address, { token: TOKEN });
      expect(manager.state).toBe('connected');
      await daemon.stop();
    }
  });

  test.each([0o644, 0o640, 0o604])('open to others (%p) is refused, by the daemon and by clients', async (mode) => {
    using directory = new Temporary();
    const file = directory.join('token');
    writeFileSync(file, TOKEN);
    chmodSync(file, mode);
    const { code, stdout, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--token-file', file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/token file .* open to others: chmod 600/);
    expect(stderr).not.toContain(TOKEN);
    const visitor = await Program.node(VISIT, ['127.0.0.1:1'], { COMMONHOLD_TOKEN_FILE: file }).exited;
    expect(JSON.parse(visitor.stdout)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('that is missing or empty is refused (Python: test_empty_authkey allows it)', async () => {
    using directory = new Temporary();
    const file = directory.join('token');
    const serving = ['serve', '--listen', '127.0.0.1:0', '--token-file', file];
    expect(await commonhold(serving)).toMatchObject({ code: 1, stderr: expect.stringContaining(file) });
    writeFileSync(file, ' \n', { mode: 0o600 });
    expect(await commonhold(serving)).toMatchObject({ code: 1, stderr: expect.stringContaining('empty') });
  });
});

describe('health', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.serve();
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test.each(['', 'commonhold.v1.DictService', 'commonhold.v1.SessionService'])('of "%s" is SERVING', async (service) => {
    expect(statusOf((await unaryCall(daemon.address, 'grpc.health.v1.Health/Check', checkOf(service))).response)).toBe(Serving.SERVING);
  });

  test('of an unknown service is NOT_FOUND; a watch of it says SERVICE_UNKNOWN', async () => {
    expect(await unaryCall(daemon.address, 'grpc.health.v1.Health/Check', checkOf('tree'))).toMatchObject({ status: 5 });
    const watching = new RawCall(connectHttp2(daemon.address), 'grpc.health.v1.Health/Watch');
    watching.stream.end(framed(checkOf('tree')));
    expect(statusOf(await watching.message())).toBe(Serving.SERVICE_UNKNOWN);
    watching.stream.session!.destroy();
  });

  test('is listed for all services', async () => {
    const { response } = await unaryCall(daemon.address, 'grpc.health.v1.Health/List', new Uint8Array());
    const { statuses } = fromBinary(HealthListResponseSchema, response!);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['', 'commonhold.v1.QueueService', 'commonhold.v1.SessionService']));
    expect(new Set(Object.values(statuses).map(({ status }) => status))).toEqual(new Set([Serving.SERVING]));
  });

  test('under watch becomes NOT_SERVING when the daemon ends', async () => {
    await using ending = await Daemon.serve();
    const session = connectHttp2(ending.address);
    const watching = new RawCall(session, 'grpc.health.v1.Health/Watch');
    watching.stream.end(framed(checkOf('')));
    expect(statusOf(await watching.message())).toBe(Serving.SERVING);
    const ended = ending.stop();
    expect(statusOf(await watching.message())).toBe(Serving.NOT_SERVING);
    expect((await ended).code).toBe(0);
    session.destroy();
  });
});
