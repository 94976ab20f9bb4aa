import { assertReadable } from '../../proto/codec/readable.js';
import { referencesIn } from '../../proto/codec/references.js';
import type { Engine, Handler, Handlers } from '../../proto/contract.js';
import { PayloadTooLargeError, type ManagerError } from '../../proto/errors.js';
import { AtomicService } from '../../proto/gen/commonhold/v1/atomic_wire.js';
import { HomeService } from '../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { PathService } from '../../proto/gen/commonhold/v1/path_wire.js';
import { ObjectService } from '../../proto/gen/commonhold/v1/object_wire.js';
import { KINDS, type Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { isAnonymous } from '../../proto/name.js';
import type { Stateful } from '../../proto/state.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Method, Service } from '../../proto/wire/codec.js';
import { atomicHandlers } from './objects/atomic.js';
import { homeHandlers } from './hosting/handlers.js';
import { redirected } from './hosting/redirect.js';
import { HostSessions } from './hosting/host-sessions.js';
import { captureAll } from './dumping/capture.js';
import { Dumps } from './dumping/dumps.js';
import { Keyspace } from './lifetime/keyspace.js';
import { receiving } from './lifetime/receiving.js';
import { restore, type EngineState } from './restore.js';
import { managerHandlers, managerPreparations, type Host } from './manager.js';
import { kindHandlers, kindMakers } from './kinds.js';
import { Instances } from './objects/instances.js';
import { listPreparations } from './objects/list-handlers.js';
import { pathHandlers } from './objects/path.js';
import { setPreparations } from './objects/set.js';
import { fenced } from './locking/fenced.js';
import { LongCalls, type Prepare } from './locking/long-calls.js';
import { WaitGraph } from './locking/wait-for-graph.js';
import { TypeRegistry, type Types } from '../types.js';
import type { Clock } from '../core/clock.js';
import type { InstanceOf, Restoring } from '../core/restoring.js';
import { HoldTokens } from '../core/hold-tokens.js';
import { bytesOfReference, OVERHEAD, type Use } from '../core/use.js';

export type { Host, Program, Traffic } from './manager.js';

/**
 * The engine with its state, which it writes between two turns. The sessions are left out, since the engine does not know them all: see
 * `SessionCalls`. So are registered types and options, which are no state, and the instances of registered types, which are users' state.
 */
export interface MemoryEngine extends Engine, Stateful {
  state(): EngineState;
  /** False if its state cannot be restored: while users' code runs, while long calls are prepared, and while the manager itself waits for answers of homes. */
  readonly restorable: boolean;
  /** Restores a state in an engine that was not used yet, once its sessions and their open calls are there, which `restoring` knows. */
  restore(state: EngineState, restoring: Restoring): void;
  /** Returns the instance of a registered type that an object has. */
  readonly instanceOf: InstanceOf;
  /** The types are others: objects have the type of the same name from now on. */
  retyped(): void;
  /** Makes instances of registered types from what they saved. Returns the names of the objects for which there is none. */
  revive(): string[];
  /** Counts everything in it that limits bound. */
  readonly use: Use;
  /** Makes no objects from now on: a call that needs a new one fails with the error. */
  readOnly(refusal: ManagerError): void;
  /** Ends objects of registered types, because they ended with another manager. */
  lose(names: readonly string[]): void;
  /** Gives no token, revision or name again that was given before a time, in milliseconds since 1970, also by calls that were lost. */
  pass(wallTime: number): void;
}

/**
 * An engine that keeps objects as JavaScript collections of bytes: a state machine, which changes only in turns of its clock. The same
 * turns with the same calls have the same effects.
 * @param types registered types of which clients can make objects
 */
export function createMemoryEngine(host: Host, types: Types = new TypeRegistry()): MemoryEngine {
  const name = 'memory';
  const { clock } = host.system;
  const keyspace = new Keyspace(clock, host.limits);
  const tokens = new HoldTokens(clock, keyspace.use);
  const waits = new WaitGraph(clock);
  const handlers = new Map<Method, Handler>();
  /** The same without {@link receiving}, for calls that their home hands back, whose answers are received already. */
  const inner = new Map<Method, Handler>();
  const longCalls = new LongCalls(keyspace, host.system);
  const preparations = new Map<Method, Prepare>([
    ...listPreparations(keyspace),
    ...setPreparations(keyspace),
    ...managerPreparations(keyspace),
  ]);
  const homes = new HostSessions(keyspace, host.system, host.limits, (method) => inner.get(method));
  const serve = <S extends Service>(service: S, implementation: Handlers<S>, wherever = redirected): void => {
    for (const [key, method] of Object.entries(service.methods)) {
      const handler = refusing(
        method,
        keyspace.use,
        longCalls.dividing(
          method,
          wherever(homes, method, fenced(keyspace, method, implementation[key as keyof Handlers<S>])),
          preparations.get(method),
        ),
      );
      inner.set(method, handler);
      handlers.set(method, inTurn(clock, receiving(keyspace, method, handler)));
    }
  };

  const instances = new Instances(keyspace, types, host.system.userCode, host.durable);
  const dumps = new Dumps(() => captureAll(keyspace, instances), host.limits);
  // These services concern all objects, so they run in the manager even for objects of other processes.
  serve(ManagerService, managerHandlers(keyspace, homes, dumps, name, host), here);
  serve(HomeService, homeHandlers(homes), here);
  const parts = { keyspace, tokens, exclusion: { tokens, waits }, instances };
  const kinds = kindHandlers(parts);
  for (const kind of Object.keys(kinds) as Kind[]) serve<Service>(KINDS[kind], kinds[kind]);
  serve(AtomicService, atomicHandlers(keyspace, kinds));
  serve(PathService, pathHandlers(keyspace));

  return {
    name,
    handler: (method) => handlers.get(method),
    turn: (run) => clock.turn(run),
    state: () => {
      if (clock.inTurn) throw new Error('a defect: the state of an engine was asked for in a turn');
      return {
        clock: clock.state(),
        tokens: tokens.state(),
        waits: waits.state(),
        keyspace: keyspace.state(),
        homes: homes.state(),
        instances: instances.state(),
        dumps: dumps.state(),
      };
    },
    get restorable() {
      return !instances.running && !homes.asked && !longCalls.any;
    },
    restore: (state, restoring) =>
      clock.turn(() =>
        keyspace.use.exempt(() =>
          restore({ keyspace, tokens, waits, homes, instances, dumps, handlers, makers: kindMakers(parts) }, state, restoring),
        ),
      ),
    instanceOf: (name) => instances.of(name),
    use: keyspace.use,
    readOnly: (refusal) => (keyspace.refusal = refusal),
    retyped: () => instances.retyped(),
    revive: () => instances.revive(),
    lose: (names) => clock.turn(() => instances.lose(names)),
    pass: (wallTime) => {
      for (const numbers of [tokens, keyspace.histories, keyspace.anonymous]) numbers.pass(wallTime);
    },
    close: () =>
      clock.turn(() => {
        keyspace.close();
        homes.close();
        waits.close();
      }),
  };
}

/** Makes each call a turn of its own, unless it is part of one. */
function inTurn(clock: Clock, handler: Handler): Handler {
  return (request, context) => (clock.inTurn ? handler(request, context) : clock.turn(() => handler(request, context)));
}

/** Returns the handler unchanged: its calls are never forwarded. */
function here(_homes: HostSessions, _method: Method, handler: Handler): Handler {
  return handler;
}

/** Limit of the values of one request. Storing as many holds up other clients for about 0.2 s. */
const MOST_VALUES = 2 ** 18;

/**
 * Refuses requests with a value that clients could not read, with too many values, and those for which there is no memory. All calls of the
 * engine pass through here.
 */
function refusing({ name, input, stores, holds }: Method, use: Use, handler: Handler): Handler {
  if (input.payloads === undefined && !stores && !holds) return handler;
  const isArgument = ARGUMENTS.has(name);
  let values = 0;
  let memory = 0;
  const check = (payload: Payload): void => {
    if (++values > MOST_VALUES)
      throw new PayloadTooLargeError(`more than ${MOST_VALUES} values in one call: divide them over several`, { method: name });
    // An empty payload of an argument stands for `undefined`. It is not stored.
    if (!isArgument || payload.length > 0) assertReadable(payload);
    if (stores && !isArgument) memory += bytesOfStored(payload);
  };
  return (request, context) => {
    values = memory = 0;
    input.payloads?.(request, check);
    if (stores) use.demandMemory(memory);
    if (holds) use.demandForRead(OVERHEAD.hold);
    return handler(request, context);
  };
}

/** Returns the most that a value takes once it is stored: each reference in it may be the first one to its object. */
function bytesOfStored(payload: Payload): number {
  let bytes = payload.length + OVERHEAD.part;
  for (const { name } of referencesIn(payload)) if (isAnonymous(name)) bytes += bytesOfReference(name);
  return bytes;
}

/** Methods whose values are arguments of users' code. */
const ARGUMENTS: ReadonlySet<string> = new Set([ObjectService.methods.open.name, ObjectService.methods.call.name]);
