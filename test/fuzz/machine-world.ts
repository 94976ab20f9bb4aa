import type { Recorder } from '../../engine/machine/context.js';
import type { ClientIdentity, LeaseTerms, MachineLimits, Turn, UnaryRequest } from '../../engine/machine/inputs.js';
import { Machine } from '../../engine/machine/machine.js';
import { Replay } from '../../engine/machine/replay.js';
import type { MachineSession } from '../../engine/machine/session.js';
import type { Surroundings } from '../../engine/machine/surroundings.js';
import { turnOf, writeTurn, writtenTypes } from '../../engine/machine/turn-codec.js';
import { describeTypes } from '../../engine/described-types.js';
import { digest } from '../../engine/digest.js';
import { TypeRegistry } from '../../engine/types.js';
import { LocalUserCode } from '../../engine/user-code.js';
import type { ManagerError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { Record, type Beginning } from '../../proto/gen/commonhold/log/v1/log_wire.js';
import { methods } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { readServerFrame } from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Reader } from '../../proto/wire/reader.js';
import { MalformedError } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import { OutputSum } from '../../server/log/output-sum.js';
import { filled } from '../support/engine-world.js';
import { ManualTime } from '../support/turns.js';
import { writtenAndRead } from '../support/written-state.js';

const LIMITS: MachineLimits = {
  maxMessageBytes: 1024 * 1024,
  watchHistory: 20,
  maxMemory: 32 * 1024 * 1024,
  maxObjects: 200,
  maxWaiting: 100,
  maxCalls: 60,
};
/** Share by which reads may go beyond the limit of memory. */
const READS_ABOVE = 1.1;
/** Longer than all that a machine keeps for a while after its callers are gone. */
const LONG_MS = 60 * 60 * 1000;
const LEASE: LeaseTerms = { ms: 1000, secret: 'secret', hostId: '', thread: 0, threadStart: 0, heartbeats: false, early: true };

/** A registered type, named as in the histories. */
class Instance {
  add(more: number): number {
    return more + 1;
  }

  copy(): Instance {
    return new Instance();
  }

  self(): this {
    return this;
  }
}

function types(): TypeRegistry {
  const registry = new TypeRegistry();
  registry.register('Machine', Instance);
  return registry;
}

/** A client with a session. */
export interface FuzzedClient {
  readonly session: MachineSession;
  /** True while it has too much unread. */
  full: boolean;
}

/** A machine whose time stands still until a round moves it. Everything that it sends is checked, and its turns can be applied again. */
export class MachineWorld {
  readonly time = new ManualTime();
  readonly machine: Machine;
  readonly #record = new CheckedRecord();
  readonly #replay = newReplay();

  /** @param durable true if its turns are for a log */
  constructor(durable = false) {
    const surroundings: Surroundings = {
      time: this.time,
      userCode: new LocalUserCode((work) => work()),
      uptimeMs: () => this.time.time,
      memory: () => ({ residentBytes: 0, heapBytes: 0 }),
      program: () => ({ version: 'fuzz', protocol: 1, pid: 1 }),
      traffic: () => ({ sessions: 0, callsInFlight: 0, callsTotal: 0, keptAnswers: 0, limits: [] }),
      slowCalls: () => [],
    };
    this.machine = new Machine(LIMITS, surroundings, types(), this.#record, durable);
  }

  /** Opens a session. @param leased true if it outlives its stream @param received gets the frames for the client, without their prefix */
  open(label: string, leased: boolean, received?: (frame: Buffer) => void): FuzzedClient {
    const identity: ClientIdentity = { host: 'here', pid: 1, label, token: undefined, lease: leased ? LEASE : undefined };
    const client: FuzzedClient = {
      full: false,
      session: this.machine.open(label, identity, {
        get full() {
          return client.full;
        },
        send: (frame) => {
          const content = frame.subarray(PREFIX_BYTES);
          assertFrame(content);
          received?.(content);
        },
        written() {},
        left() {},
        called() {},
        answered() {},
        failed() {},
        warned() {},
      }),
    };
    return client;
  }

  call(request: UnaryRequest): number {
    return this.machine.call(request, (answer) => assertAnswer(methods[request.method]!, answer));
  }

  /** Returns the record of a log with the turns since the last one. @param first true for the first record */
  takeRecord(first: boolean): Uint8Array {
    return this.#record.takeRecord(
      first ? { now: 0, wallTime: 0, limits: LIMITS, types: writtenTypes(describeTypes(types())) } : undefined,
    );
  }

  /** Fails if a client has brought the machine beyond its limits, or has found a defect. */
  assertSound(): void {
    const { memory, objects, waiting } = this.machine.engine.use;
    if (!(memory >= 0 && memory <= LIMITS.maxMemory * READS_ABOVE)) throw new Error(`${memory} bytes are counted`);
    if (!(objects >= 0 && objects <= LIMITS.maxObjects)) throw new Error(`${objects} objects are counted`);
    if (!(waiting >= 0 && waiting <= LIMITS.maxWaiting)) throw new Error(`${waiting} waiting calls are counted`);
    const [defect] = this.time.defects;
    if (defect !== undefined) throw defect;
  }

  /** Fails unless the turns lead another machine to the same state, from which a third can go on. */
  assertRepeatable(): void {
    const state = this.machine.state();
    const wanted = digest(state);
    const replay = this.#replay;
    for (const turn of this.#record.takeTurns()) replay.apply(turn);
    if (digest(replay.machine.state()) !== wanted) throw new Error('the turns lead another machine to another state');
    if (!this.machine.engine.restorable) return;
    const restored = newReplay();
    restored.restore(writtenAndRead(state), this.machine.clock.now, () => new Instance());
    if (digest(restored.machine.state()) !== wanted) throw new Error('the restored state is another one');
    const [counted, countedAgain] = [this.machine.engine.use.memory, restored.machine.engine.use.memory];
    if (counted !== countedAgain) throw new Error(`${counted} bytes are counted, and ${countedAgain} once they are restored`);
  }

  /** Ends everything. Fails if something remains counted. */
  assertEmptied(): void {
    const { machine, time } = this;
    for (const session of [...machine.sessions.values()]) session.end();
    machine.abandonCalls();
    time.advance(LONG_MS);
    const destroy = ManagerService.methods.destroy;
    const method = methods.findIndex(({ name }) => name === destroy.name);
    for (const [name] of machine.engine.state().keyspace.objects) {
      const bytes = encodeMessage(new Writer(), destroy.input, filled(destroy, { name }));
      this.call({ label: 'last', id: undefined, token: undefined, method, bytes, packed: true });
    }
    time.advance(LONG_MS);
    this.assertSound();
    const { memory, objects, waiting } = machine.engine.use;
    if (memory !== 0 || objects !== 0 || waiting !== 0)
      throw new Error(`${memory} bytes, ${objects} objects and ${waiting} waiting calls are counted after the end of all`);
    machine.end();
  }
}

function newReplay(): Replay {
  const record: Recorder = { frame() {}, done() {}, turn() {} };
  return new Replay(LIMITS, types(), { now: 0, wallTime: 0 }, record, (error) => {
    throw error;
  });
}

/** Keeps turns as a log does. */
class CheckedRecord implements Recorder {
  readonly #writer = new Writer();
  readonly #turns: Uint8Array[] = [];
  readonly #outputs = new OutputSum();

  frame(session: number, frame: Buffer): void {
    this.#outputs.frame(session, frame);
  }

  done(call: number, answer: Buffer | ManagerError): void {
    this.#outputs.done(call, answer);
  }

  turn(turn: Turn): void {
    writeTurn(this.#writer, turn);
    this.#turns.push(this.#writer.take());
  }

  *takeTurns(): Generator<Turn> {
    for (const bytes of this.#turns) for (const turn of decodeMessage(Record, bytes).turns) yield turnOf(turn);
    this.#turns.length = 0;
  }

  takeRecord(beginning: Beginning | undefined): Uint8Array {
    Record.write(this.#writer, { turns: [], wallTime: 0, outputs: this.#outputs.take(), beginning });
    return Buffer.concat([...this.#turns.splice(0), this.#writer.take()]);
  }
}

/** Fails unless a client can read a frame, and it has no defect. */
function assertFrame(frame: Buffer): void {
  const reader = new Reader();
  readServerFrame(reader, reader.reset(frame), {
    received() {},
    answer() {},
    failure: (_id, { message }) => assertNoDefect(message),
    notice() {},
  });
}

function assertAnswer(method: Method, answer: Buffer | Error): void {
  if (answer instanceof Error) assertNoDefect(answer.message, answer);
  else decodeMessage(method.output, answer);
}

function assertNoDefect(message: string, cause?: Error): void {
  if (message.startsWith('a defect in the manager')) throw new Error(message, { cause });
}

/** Reads a frame of a client. Returns false if it is malformed, with which its session ends. */
export function readFrame({ session }: FuzzedClient, frame: Buffer): boolean {
  try {
    session.read(frame);
    return true;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    session.end();
    return false;
  }
}
