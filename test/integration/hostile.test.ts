import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import { DictServiceGetRequestSchema, ManagerServiceInfoResponseSchema } from 'commonhold/proto';
import { parseAddress } from '../../proto/address.js';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { unaryCall, type Face } from '../support/grpc.js';
import { attack, attacks, greeting, type Attack } from '../support/hostile.js';
import { END_HEADERS, END_STREAM, frame, FrameType, headers, reset } from '../support/http2-bytes.js';

// No bytes of a client, with or without the token, end the daemon or keep it from serving other clients.

const TOKEN = 'the secret of the test';
const FACES: readonly Face[] = ['grpc', 'sdk'];
/** Another seed tries other bytes: HOSTILE_SEED=7 make test ARGS=test/integration/hostile. */
const SEED = Number(process.env['HOSTILE_SEED'] ?? 1);
const ATTACKS = Number(process.env['HOSTILE_ATTACKS'] ?? 400);
const AT_ONCE = 16;

let daemon: Daemon;
let witness: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: TOKEN });
  witness = await Manager.connect(daemon.address, { token: TOKEN });
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

function make(attempt: Attack): Promise<void> {
  return attack(connect(parseAddress(daemon.address) as { host: string; port: number }), attempt);
}

async function expectService(): Promise<void> {
  const scores = witness.dict<string, number>(fresh('witness'));
  await scores.set('alice', 3);
  expect(await scores.get('alice')).toBe(3);
  const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Info', new Uint8Array(), TOKEN);
  expect(fromBinary(ManagerServiceInfoResponseSchema, response!).pid).toBe(daemon.pid);
}

/** Fields of a gRPC call, with some of them replaced; undefined omits one. */
function call(changed: Record<string, string | undefined> = {}): [string, string][] {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/commonhold.v1.SessionService/Connect',
    ':authority': 'a',
    te: 'trailers',
    'content-type': 'application/grpc',
    ...changed,
  };
  return Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
}

const STREAMS: readonly (readonly [string, readonly [string, string][]])[] = [
  ['of a session', call()],
  ['of a call', call({ ':path': '/commonhold.v1.ManagerService/Info' })],
  ['of an unknown path', call({ ':path': '/unknown' })],
  ['of another content type', call({ 'content-type': 'text/html' })],
  ['without a content type', call({ 'content-type': undefined })],
  ['of HTTP CONNECT', call({ ':method': 'CONNECT', ':scheme': undefined, ':path': undefined })],
  ['of HTTP HEAD', call({ ':method': 'HEAD' })],
  ['that expects 100-continue', call({ expect: '100-continue' })],
];

describe.each(FACES)('a stream (%s)', (face) => {
  test.each(STREAMS)('%s that is reset in the segment that opens it ends no daemon', async (_, fields) => {
    const hello = frame(FrameType.DATA, 0, 1, Buffer.from('00000000040a020801', 'hex'));
    const whole = headers(1, fields, END_HEADERS | END_STREAM);
    const open = headers(1, fields);
    for (const frames of [[open], [open, reset(1)], [open, hello], [open, hello, reset(1)], [whole], [whole, reset(1)]]) {
      for (const end of ['reset', 'end', 'destroy'] as const) {
        await make({ pieces: [Buffer.concat([greeting(face), ...frames])], end });
        await make({ pieces: [greeting(face), ...frames], end });
      }
    }
    await expectService();
  });
});

test.each(FACES)(`bytes of a hostile client (%s, seed ${SEED}) end no daemon`, async (face) => {
  const all = attacks(face, ATTACKS, SEED);
  for (let begin = 0; begin < all.length; begin += AT_ONCE) await Promise.all(all.slice(begin, begin + AT_ONCE).map(make));
  await expectService();
});

test('a call whose error quotes half a character is answered', async () => {
  // The text of a status is shortened, which can cut a character of two units in half.
  for (const name of ['😀'.repeat(300), `x${'😀'.repeat(300)}`]) {
    const request = create(DictServiceGetRequestSchema, { name, key: { kind: { case: 'text', value: 'alice' } } });
    const bytes = toBinary(DictServiceGetRequestSchema, request);
    expect((await unaryCall(daemon.address, 'commonhold.v1.DictService/Get', bytes, TOKEN)).status).toBe(5);
  }
});
