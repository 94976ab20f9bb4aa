import { Turn as LoggedTurn } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import type { Called, Limits as LoggedLimits, Opened, RegisteredTypes as LoggedTypes } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import { methods } from '../../proto/methods.js';
import type { State } from '../../proto/state.js';
import type { Writer } from '../../proto/wire/writer.js';
import type { DescribedType } from '../described-types.js';
import { readState } from '../state/reader.js';
import { stateChunks } from '../state/writer.js';
import type { ClientIdentity, MachineInput, MachineLimits, Turn, UnaryRequest } from './inputs.js';
import type { WrittenOutcome } from '../core/system.js';
import type { Member } from '../types.js';

const INDEXES = new Map(methods.map(({ name }, index) => [name, index]));
/** Tag of the turns of a record. */
const TURNS = 10;
/** A turn without an input. */
const NONE: LoggedTurn = { now: 0, session: 0, flushed: false, ended: false, tick: false };
/** Size of a field with a time and of a field's tag, in bytes. */
const TIME_BYTES = 9;
const TAG_BYTES = 1;
/** Size of a frame from which it is not moved for the length of its turn, in bytes. */
const LARGE = 4096;

/** Writes a turn as a field of a record. */
export function writeTurn(writer: Writer, { now, input, observed }: Turn): void {
  const turn: LoggedTurn = { ...NONE, now, ...fieldsOf(input), observed: observed.length > 0 ? stateBytes(observed) : undefined };
  if (input.type === 'frame' && input.frame.length >= LARGE) {
    writer.uint32(TURNS, sizeOfFrameTurn(turn));
    LoggedTurn.write(writer, turn);
  } else {
    const at = writer.open(TURNS);
    LoggedTurn.write(writer, turn);
    writer.close(at);
  }
}

function sizeOfFrameTurn({ now, session, frame, stoppedAt, observed }: LoggedTurn): number {
  const bytes = (value: Uint8Array | undefined): number => (value === undefined ? 0 : TAG_BYTES + varintBytes(value.length) + value.length);
  const number = (value: number | undefined): number => (value === undefined ? 0 : TAG_BYTES + varintBytes(value));
  return (now === 0 ? 0 : TIME_BYTES) + number(session || undefined) + bytes(frame) + number(stoppedAt) + bytes(observed);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

function fieldsOf(input: MachineInput): Partial<LoggedTurn> {
  switch (input.type) {
    case 'frame':
      return { session: input.session, frame: input.frame, stoppedAt: input.stoppedAt };
    case 'flushed':
      return { session: input.session, flushed: true };
    case 'received':
      return { session: input.session, received: input.count };
    case 'ended':
      return { session: input.session, ended: true };
    case 'tick':
      return { tick: true };
    case 'opened':
      return { session: input.session, opened: { id: input.id, ...input.client } };
    case 'called':
      return { called: calledOf(input.call, input.request) };
    case 'cancelled':
      return { cancelled: input.call };
    case 'completed':
      return { completed: { run: input.run, outcome: stateBytes(input.outcome) } };
    case 'lost':
      return { lost: { names: [...input.names] } };
    case 'restarted':
      return { restarted: input.wallTime };
    case 'limited':
      return { limited: input.limits };
    case 'typed':
      return { typed: writtenTypes(input.types) };
    case 'authorized':
      return { authorized: { tokens: input.tokens.map(({ name, grants }) => ({ name, grants: [...grants] })) } };
    case 'draining':
      return { draining: input.reason };
  }
}

function calledOf(call: number, { label, id, token, method, bytes, packed }: UnaryRequest): Called {
  return { call, label, id, token, method: methods[method]!.name, packed, request: bytes };
}

/** Returns the turn that was written. @throws Error if it has no input that is known here */
export function turnOf(turn: LoggedTurn): Turn {
  const { now, observed } = turn;
  return { now, input: inputOf(turn), observed: observed === undefined ? [] : (stateOfBytes(observed) as readonly State[]) };
}

function inputOf(turn: LoggedTurn): MachineInput {
  const { session, frame, stoppedAt, received, opened, called, cancelled, completed, lost, restarted, limited, typed, draining } = turn;
  const { authorized } = turn;
  if (frame !== undefined) return { type: 'frame', session, frame: bufferOf(frame), stoppedAt };
  if (turn.flushed) return { type: 'flushed', session };
  if (received !== undefined) return { type: 'received', session, count: received };
  if (turn.ended) return { type: 'ended', session };
  if (turn.tick) return { type: 'tick' };
  if (opened !== undefined) return { type: 'opened', session, id: opened.id, client: clientOf(opened) };
  if (called !== undefined) return { type: 'called', call: called.call, request: requestOf(called) };
  if (cancelled !== undefined) return { type: 'cancelled', call: cancelled };
  if (completed !== undefined) return { type: 'completed', run: completed.run, outcome: stateOfBytes(completed.outcome) as WrittenOutcome };
  if (lost !== undefined) return { type: 'lost', names: lost.names };
  if (restarted !== undefined) return { type: 'restarted', wallTime: restarted };
  if (limited !== undefined) return { type: 'limited', limits: limitsOf(limited) };
  if (typed !== undefined) return { type: 'typed', types: typesOf(typed) };
  if (authorized !== undefined) return { type: 'authorized', tokens: authorized.tokens };
  if (draining !== undefined) return { type: 'draining', reason: draining };
  throw new Error('a turn has no input that this version knows');
}

/** Returns limits that a log has. One that is absent there was none. */
export function limitsOf({ maxMemory = Infinity, maxObjects = Infinity, maxWaiting = Infinity, ...limits }: LoggedLimits): MachineLimits {
  return { ...limits, maxMemory, maxObjects, maxWaiting };
}

/** Returns registered types as a log has them. */
export function writtenTypes(types: readonly DescribedType[]): LoggedTypes {
  return {
    types: types.map(({ name, members, saves }) => ({
      name,
      saves,
      members: members.map(([member, kind, parameters]) => ({ name: member, kind, parameters })),
    })),
  };
}

export function typesOf({ types }: LoggedTypes): DescribedType[] {
  return types.map(({ name, members, saves }) => ({
    name,
    saves,
    members: members.map(({ name: member, kind, parameters }) => [member, kind as Member['kind'], parameters] as const),
  }));
}

function clientOf({ host, pid, label, lease, token }: Opened): ClientIdentity {
  return { host, pid, label, lease, token };
}

function requestOf({ label, id, token, method, packed, request }: Called): UnaryRequest {
  const index = INDEXES.get(method);
  if (index === undefined) throw new Error(`a turn calls ${method}, which this version does not know`);
  return { label, id, token, method: index, bytes: request, packed };
}

function stateBytes(state: State): Uint8Array {
  return Buffer.concat([...stateChunks(state)]);
}

function stateOfBytes(bytes: Uint8Array): State {
  return readState([bytes]);
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
