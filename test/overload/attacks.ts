import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import { DictServiceGetRequestSchema } from 'commonhold/proto';
import { parseAddress } from '../../proto/address.js';
import type { Face } from '../support/grpc.js';
import { greeting } from '../support/hostile.js';
import { frame, FrameType, headers, reset, settings } from '../support/http2-bytes.js';
import { RawSession } from '../support/raw-session.js';

/** The manager that is attacked. */
export interface Target {
  readonly address: string;
  readonly token: string;
}

/** Attacks until its process is killed. */
export type Attack = (target: Target) => Promise<void>;

/** The key with the large value of the innocent client's dict `large`. */
export const LARGE = { name: 'large', key: 'text', bytes: 1_000_000 } as const;

const MIB = 1024 * 1024;
const range = (begin: number, end: number): number[] => Array.from({ length: end - begin }, (_, index) => begin + index);
const CONNECT = '/commonhold.v1.SessionService/Connect';
const SET = '/commonhold.v1.DictService/Set';

/** With a token or without one, as any client or as the SDK. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'streams that are reset': (target) => everywhere(target, (face, token) => again(() => flood(target, face, resets(token)))),
  'messages without a token': (target) => atOnce(20, () => again(() => flood(target, 'grpc', body(SET, 64 * MIB, 16 * 1024)))),
  'connections that say nothing': (target) => atOnce(2_000, () => again(() => silence(target))),
  'slow prefaces': (target) => atOnce(1_000, () => again(() => trickle(target))),
  'a message in pieces of one byte': (target) =>
    atOnce(4, () => again(() => flood(target, 'sdk', body(CONNECT, 32 * MIB, 1, target.token)))),
  'settings and pings': (target) =>
    everywhere(target, (face) =>
      again(() => flood(target, face, repeated(Buffer.concat([settings(), frame(FrameType.PING, 0, 0, Buffer.alloc(8))])))),
    ),
  'long headers': (target) => everywhere(target, (face) => again(() => flood(target, face, continued()))),
  'clients with a window of 0': (target) => atOnce(50, () => again(() => flood(target, 'sdk', windowless(target.token)))),
  '1,000 slow readers': (target) => atOnce(1_000, () => again(() => slowReader(target))),
  '10,000 waiting calls': waitingCalls,
  'a writer that fills the memory with small entries': (target) => writer(target, 10),
  'a writer that fills the memory with large values': (target) => writer(target, MIB),
};

/** Attacks both servers at a time, with a token and without one. */
function everywhere({ token }: Target, attack: (face: Face, token: string | undefined) => Promise<void>): Promise<void> {
  return all((['grpc', 'sdk'] as const).flatMap((face) => [attack(face, undefined), attack(face, token)]));
}

function atOnce(count: number, attack: () => Promise<void>): Promise<void> {
  return all(range(0, count).map(attack));
}

async function all(attacks: readonly Promise<void>[]): Promise<void> {
  await Promise.all(attacks);
}

/** Begins again whenever the manager has cut it off. */
async function again(attack: () => Promise<unknown>): Promise<never> {
  for (;;) {
    await attack().catch(() => {});
    await pause(20);
  }
}

function open({ address }: Target): Socket {
  return connect(parseAddress(address) as { host: string; port: number }).on('error', () => {});
}

/** Writes pieces as fast as the manager takes them, and reads its answers. */
async function flood(target: Target, face: Face, pieces: Iterable<Buffer>): Promise<void> {
  const socket = open(target).resume();
  const closed = once(socket, 'close').catch(() => {});
  socket.write(greeting(face));
  for (const piece of pieces) {
    if (socket.destroyed) break;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
  await closed;
}

function fields(path: string, token: string | undefined): [string, string][] {
  const authorization: [string, string][] = token === undefined ? [] : [['authorization', `Bearer ${token}`]];
  const about = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'a',
    te: 'trailers',
    'content-type': 'application/grpc',
  };
  return [...Object.entries(about), ...authorization];
}

function* resets(token: string | undefined): Generator<Buffer> {
  for (let stream = 1; stream < 2 ** 31; stream += 200)
    yield Buffer.concat(range(0, 100).flatMap((n) => [headers(stream + 2 * n, fields(SET, token)), reset(stream + 2 * n)]));
}

function* body(path: string, bytes: number, pieceBytes: number, token?: string): Generator<Buffer> {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes, 1);
  yield Buffer.concat([headers(1, fields(path, token)), frame(FrameType.DATA, 0, 1, prefix)]);
  const pieces = Math.max(1, 1024 / pieceBytes);
  const piece = Buffer.concat(range(0, pieces).map(() => frame(FrameType.DATA, 0, 1, Buffer.alloc(pieceBytes))));
  for (;;) yield piece;
}

function* repeated(bytes: Buffer): Generator<Buffer> {
  const many = Buffer.concat(range(0, 500).map(() => bytes));
  for (;;) yield many;
}

/** A block of headers that never ends. */
function* continued(): Generator<Buffer> {
  const field = headers(1, [['x', 'y'.repeat(8_000)]], 0);
  yield field;
  for (;;) yield frame(FrameType.CONTINUATION, 0, 1, field.subarray(9));
}

/** A session whose answers cannot leave. */
function* windowless(token: string): Generator<Buffer> {
  yield Buffer.concat([
    settings([[4, 0]]),
    headers(1, fields(CONNECT, token)),
    frame(FrameType.DATA, 0, 1, Buffer.from('00000000040a020801', 'hex')),
  ]);
}

async function silence(target: Target): Promise<void> {
  await flood(target, 'sdk', []);
}

async function trickle(target: Target): Promise<void> {
  const socket = open(target).resume();
  for (const byte of greeting('grpc')) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await pause(2_000);
  }
}

async function slowReader({ address, token }: Target): Promise<void> {
  const raw = await RawSession.open(address, { token });
  raw.stream.pause();
  const key = { kind: { case: 'text', value: LARGE.key } } as const;
  const request = toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name: LARGE.name, key }));
  const method = raw.index('DictService/Get');
  raw.send({ calls: range(1, 11).map((id) => ({ id, method, request })) });
  await once(raw.stream, 'close');
}

async function waitingCalls({ address, token }: Target): Promise<void> {
  const manager = await Manager.connect(address, { token, callSites: false });
  for (;;) {
    const controller = new AbortController();
    const queue = manager.queue(undefined);
    const waits = range(0, 10_000).map(() => queue.get({ signal: controller.signal }).catch(() => {}));
    await pause(1_000);
    controller.abort();
    await Promise.all(waits);
  }
}

async function writer({ address, token }: Target, bytes: number): Promise<void> {
  const manager = await Manager.connect(address, { token, callSites: false });
  const text = 'x'.repeat(bytes);
  const count = Math.max(1, Math.min(1_000, Math.floor(MIB / bytes)));
  for (let key = 0; ; key += count) {
    const dict = manager.dict<number, string>(`fill ${key % 100}`);
    await dict.setMany(range(key, key + count).map((each) => [each, text] as const)).catch(() => {});
  }
}
