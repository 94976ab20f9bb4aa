import { describe, expect, test } from '@jest/globals';
import type { Recorder } from '../../../engine/machine/context.js';
import { USUAL_LIMITS } from '../../../engine/core/limits.js';
import { finished, type Steps } from '../../../engine/core/steps.js';
import type { LeaseTerms, MachineLimits, Turn, UnaryRequest } from '../../../engine/machine/inputs.js';
import { Machine } from '../../../engine/machine/machine.js';
import { Replay } from '../../../engine/machine/replay.js';
import type { MachineSession, SessionDriver } from '../../../engine/machine/session.js';
import type { Surroundings } from '../../../engine/machine/surroundings.js';
import { digest } from '../../../engine/digest.js';
import { TypeRegistry } from '../../../engine/types.js';
import { LocalUserCode } from '../../../engine/user-code.js';
import type { StateOf } from '../../../proto/state.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { CancelledError, toWire } from '../../../proto/errors.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { methods } from '../../../proto/methods.js';
import { Verb } from '../../../proto/verbs.js';
import { writeCall, writeCancel, writeGoodbye, writeHello } from '../../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../../proto/wire/framing.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { payload } from '../../support/engine-world.js';
import { writtenAndRead } from '../../support/written-state.js';
import { ManualTime } from '../../support/turns.js';

// The machine of a manager, with frames and time given by hand.

const LIMITS: MachineLimits = { ...USUAL_LIMITS, maxMessageBytes: 1024 * 1024, maxCalls: 100, watchHistory: 100 };
const CLIENT = { host: 'here', pid: 1, label: 'client' };
/** Of a session that outlives its stream. */
const LEASE: LeaseTerms = { ms: 1000, secret: 'secret', hostId: '', thread: 0, threadStart: 0, heartbeats: false, early: false };

/** A registered type whose code takes its time. */
class Slow {
  twice(number: number): Promise<number> {
    return Promise.resolve(2 * number);
  }
}

function types(): TypeRegistry {
  const registry = new TypeRegistry();
  registry.register('Slow', Slow);
  return registry;
}

/** All that one machine sent, and its turns. */
class Recording implements Recorder {
  readonly sent: string[] = [];
  readonly turns: Turn[] = [];
  readonly states: string[] = [];
  /** The states that can be restored, by the number of the turns before, with the number of frames and answers sent by then. */
  readonly snapshots: { readonly state: StateOf<Machine>; readonly turns: number; readonly sent: number }[] = [];
  machine: Machine | undefined;

  frame(session: number, frame: Buffer): void {
    this.sent.push(`${session}: ${frame.toString('hex', PREFIX_BYTES)}`);
  }

  done(call: number, answer: Buffer | Error): void {
    this.sent.push(`${call}: ${answer instanceof Error ? answer.message : answer.toString('hex')}`);
  }

  turn(turn: Turn): void {
    this.turns.push(turn);
    if (this.machine === undefined) return;
    const state = this.machine.state();
    this.states.push(digest(state));
    if (this.machine.engine.restorable) this.snapshots.push({ state, turns: this.turns.length, sent: this.sent.length });
  }
}

function machineWith(record: Recorder, time: ManualTime, divide?: Surroundings['divide']): Machine {
  return new Machine(LIMITS, surroundingsWith(time, divide), types(), record);
}

/** Surroundings that change with each look. */
function surroundingsWith(time: ManualTime, divide?: Surroundings['divide']): Surroundings {
  let looks = 0;
  return {
    time,
    userCode: new LocalUserCode((work) => work()),
    uptimeMs: () => ++looks,
    memory: () => ({ residentBytes: ++looks, heapBytes: ++looks }),
    program: () => ({ version: 'test', protocol: 1, pid: ++looks }),
    traffic: () => ({ sessions: ++looks, callsInFlight: ++looks, callsTotal: ++looks, keptAnswers: ++looks, limits: [] }),
    slowCalls: () => [],
    divide,
  };
}

function driver(changes: Partial<SessionDriver> = {}): SessionDriver {
  return { full: false, send() {}, written() {}, left() {}, called() {}, answered() {}, failed() {}, warned() {}, ...changes };
}

const HELLO = {
  protocol: 1,
  host: '',
  hostId: '',
  pid: 0,
  label: '',
  thread: 0,
  threadStart: 0,
  leaseMs: 0,
  heartbeats: false,
  early: false,
  resume: undefined,
};

/** A frame of a client, without its prefix. */
function frame(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  write(writer);
  return writer.take();
}

function indexOf(name: string): number {
  return methods.findIndex((method) => method.name === `commonhold.v1.${name}`);
}

/** Writes a call. */
function call(writer: Writer, id: number, name: string, request: object): void {
  const index = indexOf(name);
  writeCall(writer, id, index, methods[index]!.input, request);
}

const unary = (name: string, request: object, id?: string): UnaryRequest => {
  const method = indexOf(name);
  return { label: 'unary', id, method, bytes: encodeMessage(new Writer(), methods[method]!.input, request), packed: true };
};

const lock = { name: 'lock', owner: '', timeoutMs: undefined, leaseMs: undefined };

/** Lets a home answer a request with an id only when its caller has given it up for so long that it is kept no more. */
function forget(machine: Machine, time: ManualTime): void {
  const home = machine.open('home', CLIENT, driver());
  const request = encodeMessage(new Writer(), ValueService.methods.open.input, { name: 'value', initial: payload(1), exclusive: false });
  home.read(
    frame((writer) => {
      writeHello(writer, HELLO);
      call(writer, 1, 'HomeService/Offer', { open: { method: ValueService.methods.open.name, request } });
      call(writer, 2, 'HomeService/Next', {});
    }),
  );
  const given = machine.call(unary('ValueService/Get', { name: 'value' }, 'given up'), () => {});
  home.flush();
  machine.cancel(given);
  time.advance(5 * 60 * 1000);
  home.read(
    frame((writer) =>
      call(writer, 3, 'HomeService/Answer', { answers: [{ id: 1, error: toWire(new CancelledError('no')) }], notices: [] }),
    ),
  );
  home.flush();
}

/** Takes the rights of a token whose calls wait for the lock. */
function authorize(machine: Machine): void {
  machine.authorize([{ name: 'worker', grants: [{ objects: 'lock', verbs: Verb.write }] }]);
  const worker = machine.open('worker', { ...CLIENT, lease: LEASE, token: 'worker' }, driver());
  const answers: unknown[] = [];
  worker.read(
    frame((writer) => {
      writeHello(writer, HELLO);
      call(writer, 1, 'LockService/Acquire', lock);
      call(writer, 2, 'LockService/Acquire', { ...lock, name: 'another' });
    }),
  );
  machine.call({ ...unary('LockService/Acquire', lock, 'kept'), token: 'worker' }, (answer) => answers.push(answer));
  machine.authorize([{ name: 'worker', grants: [] }]);
  machine.authorize([{ name: 'worker', grants: [] }]);
  worker.read(frame((writer) => call(writer, 3, 'LockService/Holder', { name: 'lock' })));
  worker.flush();
  machine.call({ ...unary('LockService/Acquire', lock), token: 'worker' }, (answer) => answers.push(answer));
  expect(answers).toEqual([expect.objectContaining({ code: 'PERMISSION_DENIED', object: 'lock' })]);
  expect(worker.waiting).toBe(1);
}

/** Uses all kinds of inputs. */
async function history(record: Recording): Promise<void> {
  const time = new ManualTime();
  const machine = machineWith(record, time);
  record.machine = machine;
  /** Number of calls for whose answers there is room. */
  let room = Infinity;
  const session = machine.open('one', CLIENT, {
    ...driver(),
    get full() {
      return room-- <= 0;
    },
  });
  session.read(
    frame((writer) => {
      writeHello(writer, HELLO);
      call(writer, 1, 'LockService/Acquire', lock);
      call(writer, 2, 'ManagerService/Stats', {});
      call(writer, 3, 'ObjectService/Open', { name: 'slow', type: 'Slow', arguments: [], exclusive: false });
      call(writer, 4, 'ObjectService/Call', { name: 'slow', member: 'twice', arguments: [encodePayload(21)] });
    }),
  );
  session.flush();
  const other = machine.open('two', { ...CLIENT, lease: LEASE }, driver());
  other.read(
    frame((writer) => {
      call(writer, 1, 'LockService/Acquire', { ...lock, timeoutMs: 100 });
      call(writer, 2, 'LockService/Acquire', lock);
      call(writer, 3, 'LockService/Acquire', lock);
      call(writer, 4, 'ManagerService/Describe', { name: 'lock' });
    }),
  );
  other.flush();
  // The outcome of the function of the user.
  await new Promise((resolve) => setImmediate(resolve));
  session.flush();
  time.advance(100);
  other.flush();
  other.acknowledge(2);
  expect([other.framesRead, other.keptFrames().next().done]).toEqual([0, true]);
  room = 1;
  const paused = frame((writer) => {
    call(writer, 5, 'ManagerService/Describe', { name: 'lock' });
    call(writer, 6, 'ManagerService/Describe', { name: 'lock' });
  });
  expect(session.read(paused)).toBe(false);
  session.flush();
  room = Infinity;
  expect(session.read(paused)).toBe(true);
  session.flush();
  other.read(frame((writer) => writeCancel(writer, 2)));
  other.flush();
  machine.call(unary('ManagerService/Stats', {}), () => {});
  const waiting = machine.call(unary('LockService/Acquire', { ...lock, leaseMs: 1000 }), () => {});
  machine.cancel(waiting);
  machine.call(unary('LockService/Acquire', { ...lock, leaseMs: 1000 }, 'kept'), () => {});
  const again = machine.call(unary('LockService/Acquire', { ...lock, leaseMs: 1000 }, 'kept'), () => {});
  machine.cancel(again);
  machine.call(unary('ManagerService/Describe', { name: 'none' }, 'failed'), () => {});
  session.end();
  other.flush();
  machine.call(unary('ManagerService/Describe', { name: 'none' }, 'failed'), () => {});
  forget(machine, time);
  machine.call(unary('LockService/Acquire', { ...lock, leaseMs: 1000 }), () => {});
  other.read(frame((writer) => call(writer, 7, 'LockService/Acquire', lock)));
  authorize(machine);
  machine.restarted(1_000_000_000);
  machine.limit({ ...LIMITS, maxCalls: 1 });
  other.read(frame((writer) => call(writer, 8, 'LockService/Acquire', lock)));
  machine.drain('enough');
  other.read(frame(writeGoodbye));
  machine.engine.close();
}

/** A state, and its time. */
interface RestoredFrom {
  readonly state: StateOf<Machine>;
  readonly now: number;
}

/** Applies turns to a new machine, which begins with a state if one is given. Returns all that it sends, and its state after each turn. */
function replayed(turns: readonly Turn[], start?: RestoredFrom): { restored: string; sent: string[]; states: string[] } {
  const recording = new Recording();
  const replay = new Replay(LIMITS, types(), { now: start?.now ?? 0, wallTime: 0 }, recording, () => {});
  if (start !== undefined) replay.restore(writtenAndRead(start.state), undefined, () => new Slow());
  const restored = digest(replay.machine.state());
  const states = turns.map((turn) => {
    replay.apply(turn);
    return digest(replay.machine.state());
  });
  return { restored, sent: recording.sent, states };
}

describe('a replay', () => {
  test('of all turns of a machine sends the same as the machine, and has the same state after each turn', async () => {
    const recording = new Recording();
    await history(recording);
    expect(new Set(recording.turns.map(({ input }) => input.type))).toEqual(
      new Set([
        'opened',
        'frame',
        'received',
        'flushed',
        'ended',
        'called',
        'cancelled',
        'completed',
        'restarted',
        'limited',
        'authorized',
        'draining',
        'tick',
      ]),
    );
    expect(recording.sent.length).toBeGreaterThan(8);
    const { sent, states } = replayed(recording.turns);
    expect(sent).toEqual(recording.sent);
    expect(states).toEqual(recording.states);
  });

  test('that is restored from the state of the machine after any turn sends the same from then on, and has the same states', async () => {
    const recording = new Recording();
    await history(recording);
    expect(recording.snapshots.length).toBeGreaterThan(10);
    for (const { state, turns, sent } of recording.snapshots) {
      const later = recording.turns.slice(turns);
      const rest = replayed(later, { state, now: recording.turns[turns - 1]!.now });
      expect(rest).toEqual({ restored: digest(state), sent: recording.sent.slice(sent), states: recording.states.slice(turns) });
    }
  });

  test('that lacks any one of the turns fails, sends something else, or has other states', async () => {
    const recording = new Recording();
    await history(recording);
    for (const [index, { input }] of recording.turns.entries()) {
      // A tick is made up for by the next turn.
      if (input.type === 'tick') continue;
      let sent: string[] | undefined;
      let states: string[] | undefined;
      try {
        ({ sent, states } = replayed(recording.turns.toSpliced(index, 1)));
      } catch {
        sent = undefined;
      }
      const rest = { sent, states: states?.slice(index) };
      expect({ index, input, ...rest }).not.toEqual({ index, input, sent: recording.sent, states: recording.states.slice(index + 1) });
    }
  });
});

describe('a long call', () => {
  /** A list is sorted in a frame that also reads it, by a machine that works in steps or at once. */
  function sorting(divide: Surroundings['divide']): { recording: Recording; session: MachineSession } {
    const recording = new Recording();
    const machine = (recording.machine = machineWith(recording, new ManualTime(), divide));
    const session = machine.open('one', CLIENT, driver());
    const numbers = Array.from({ length: 8_000 }, (_, n) => (n * 7919) % 8_000);
    session.read(
      frame((writer) => {
        writeHello(writer, HELLO);
        call(writer, 1, 'ListService/Push', { name: 'list', values: numbers.map(encodePayload) });
        call(writer, 2, 'ListService/Sort', { name: 'list', descending: false, by: '' });
        call(writer, 3, 'ListService/At', { name: 'list', index: 1 });
      }),
    );
    session.flush();
    return { recording, session };
  }

  const inSteps = async (steps: Steps): Promise<void> => {
    await Promise.resolve();
    finished(steps);
  };

  test.each([
    ['in steps', inSteps],
    ['at once, as turns of a machine that did not know steps', undefined],
  ])('that was made %s sends the same in a replay, and has the same states', async (_how, divide) => {
    const { recording, session } = sorting(divide);
    expect(session.waiting).toBe(divide === undefined ? 0 : 2);
    await new Promise((resolve) => setImmediate(resolve));
    session.flush();
    expect(session.waiting).toBe(0);
    const { sent, states } = replayed(recording.turns);
    expect(sent).toEqual(recording.sent);
    expect(states).toEqual(recording.states);
  });

  test('that was not over when its manager ended is made by the machine that goes on', () => {
    const { recording } = sorting(() => new Promise(() => {}));
    const replay = new Replay(LIMITS, types(), { now: 0, wallTime: 0 }, new Recording(), () => {});
    for (const turn of recording.turns) replay.apply(turn);
    const rest = new Recording();
    const machine = replay.goOn(surroundingsWith(new ManualTime()), rest, types());
    const [session] = machine.sessions.values();
    expect(session!.waiting).toBe(0);
    session!.flush();
    expect(rest.sent.join()).toContain(Buffer.from(encodePayload(1)).toString('hex'));
    expect(machine.engine.restorable).toBe(true);
  });
});

test('an input that comes during a turn, because of its output, is taken after it', () => {
  const recording = new Recording();
  const machine = machineWith(recording, new ManualTime());
  const big = encodePayload('x'.repeat(400_000));
  const session = machine.open('one', CLIENT, driver({ send: () => session.end() }));
  session.read(
    frame((writer) => {
      call(writer, 1, 'ValueService/Open', { name: 'value', initial: big, exclusive: false });
      call(writer, 2, 'ValueService/Get', { name: 'value' });
      call(writer, 3, 'LockService/Acquire', lock);
    }),
  );
  expect(recording.turns.map(({ input }) => input.type)).toEqual(['opened', 'frame', 'ended']);
  expect(machine.sessions.size).toBe(0);
  // The lock was acquired in the turn, and freed by the end of the session.
  const next: unknown[] = [];
  machine.call(unary('LockService/Acquire', { ...lock, leaseMs: 1000 }), (answer) => next.push(answer));
  expect(next).toEqual([expect.any(Buffer)]);
  machine.engine.close();
});

test('a session that has said goodbye sends nothing more', () => {
  const recording = new Recording();
  const machine = machineWith(recording, new ManualTime());
  const session = machine.open('one', { ...CLIENT, lease: LEASE }, driver());
  session.read(frame((writer) => writeHello(writer, HELLO)));
  session.read(frame(writeGoodbye));
  session.flush();
  expect(recording.turns.map(({ input }) => input.type)).toEqual(['opened', 'frame', 'frame']);
  expect(recording.sent).toEqual([]);
});

test('a frame that is malformed after its calls has the same effects in a replay', () => {
  const recording = new Recording();
  const machine = machineWith(recording, new ManualTime());
  recording.machine = machine;
  const session = machine.open('one', { ...CLIENT, lease: LEASE }, driver());
  session.read(frame((writer) => writeHello(writer, HELLO)));
  const malformed = frame((writer) => {
    call(writer, 1, 'LockService/Acquire', lock);
    writeCall(writer, 2, 9999, methods[indexOf('LockService/Acquire')]!.input, lock);
  });
  expect(() => session.read(malformed)).toThrow(/out of range/);
  session.flush();
  session.end();
  const { sent, states } = replayed(recording.turns);
  expect([sent, states]).toEqual([recording.sent, recording.states]);
});
