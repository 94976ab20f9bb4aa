import { referencesIn } from '../../proto/codec/references.js';
import type { CallerRights } from '../../proto/contract.js';
import { PermissionDeniedError } from '../../proto/errors.js';
import { AtomicService, type AtomicOpening, type AtomicOperation, type AtomicServiceCommitRequest } from '../../proto/gen/commonhold/v1/atomic_wire.js';
import { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { HomeService, type HomeRequest } from '../../proto/gen/commonhold/v1/home_wire.js';
import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { ObjectService } from '../../proto/gen/commonhold/v1/object_wire.js';
import { QueueService } from '../../proto/gen/commonhold/v1/queue_wire.js';
import { ValueService } from '../../proto/gen/commonhold/v1/value_wire.js';
import { isOpener, methodNamed } from '../../proto/methods.js';
import { Verb, verbNames } from '../../proto/verbs.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage } from '../../proto/wire/message.js';
import { pattern } from './pattern.js';

/** Rights on the objects whose names match a pattern. */
export interface Grant {
  /** A name, in which `*` stands for any run of characters. */
  readonly objects: string;
  /** Bits of `Verb`. */
  readonly verbs: number;
}

/** A token by its name, and its rights. Its secret is none of the engine's business. */
export interface TokenRights {
  readonly name: string;
  readonly grants: readonly Grant[];
}

const ALL = Verb.read | Verb.write | Verb.admin;
/** On an object that a call only opens or mentions, one of these rights is enough. */
const EITHER = Verb.read | Verb.write;

/** The rights of the sessions and calls of a token that does not have all of them. */
export class LimitedRights implements CallerRights {
  readonly #grants: readonly { readonly matches: (name: string) => boolean; readonly verbs: number }[];
  /** Rights on all objects, whatever their names. */
  readonly everywhere: number;

  private constructor(
    readonly token: string,
    grants: readonly Grant[],
  ) {
    this.#grants = grants.map(({ objects, verbs }) => ({ matches: pattern(objects), verbs }));
    this.everywhere = grants.reduce((sum, { objects, verbs }) => (/^\*+$/.test(objects) ? sum | verbs : sum), 0);
  }

  /** Returns the rights of a token; undefined if it has all of them. */
  static of({ name, grants }: TokenRights): LimitedRights | undefined {
    const rights = new LimitedRights(name, grants);
    return rights.everywhere === ALL ? undefined : rights;
  }

  on(name: string): number {
    return this.#grants.reduce((sum, { matches, verbs }) => (matches(name) ? sum | verbs : sum), 0);
  }
}

/** The part of a call's rights that one object needs. */
interface Demand {
  /** Undefined for all objects of the manager. */
  readonly name: string | undefined;
  readonly verbs: number;
  /** True if one of the verbs is enough. */
  readonly either?: boolean;
}

/** Checks that a caller may make a call. @throws PermissionDeniedError */
export function assertAllowed(rights: CallerRights, method: Method, request: unknown): void {
  for (const { name, verbs, either = false } of demandsOf(method, request)) {
    const granted = name === undefined ? rights.everywhere : rights.on(name);
    const missing = verbs & ~granted;
    if (missing !== 0 && !(either && missing !== verbs)) throw denied(rights, name, missing, method);
  }
}

/** Checks that a caller may make an object of a name. @throws PermissionDeniedError */
export function assertMayCreate(rights: CallerRights, name: string): void {
  if ((rights.on(name) & Verb.write) === 0) throw denied(rights, name, Verb.write);
}

/** Returns true if a caller may know that an object exists. */
export function mayRead(rights: CallerRights | undefined, name: string): boolean {
  return rights === undefined || (rights.on(name) & Verb.read) !== 0;
}

function denied({ token }: CallerRights, name: string | undefined, missing: number, method?: Method): PermissionDeniedError {
  const objects = name ?? '*';
  const verbs = verbNames(missing);
  const grant = JSON.stringify({ objects, verbs });
  const what = name === undefined ? 'all objects' : `"${name}"`;
  return new PermissionDeniedError(`the token "${token}" has no right to ${verbs.join(' and ')} ${what}: its rights would need ${grant}`, {
    object: name,
    method: method?.name,
  });
}

/** Fields of requests that mention further objects. */
interface Mentions {
  readonly name?: string;
  /** The other set of an operation on two. */
  readonly otherName?: string | undefined;
  /** The lock of a condition. */
  readonly lock?: string | undefined;
  readonly rlock?: string | undefined;
  readonly fence?: { readonly name: string } | undefined;
  readonly deadLetter?: { readonly queue: string } | undefined;
}

/** Finds the objects of a call, and the rights that it needs on each. */
function* demandsOf(method: Method, request: unknown): Generator<Demand> {
  if (method === COMMIT) return yield* demandsOfBatch(request as AtomicServiceCommitRequest);
  if (method === OFFER) return yield* demandsOfHome([(request as { open: HomeRequest }).open]);
  if (method === BACKUP) yield* demandsOfHome((request as { calls: HomeRequest[] }).calls);
  if (method.verbs === 0) return;
  const { name, otherName, lock, rlock, fence, deadLetter } = request as Mentions;
  if (isOpener(method)) yield { name, verbs: EITHER, either: true };
  else yield { name, verbs: method.verbs };
  if (otherName !== undefined) yield { name: otherName, verbs: Verb.read };
  for (const used of [lock, rlock, deadLetter?.queue]) if (used !== undefined) yield { name: used, verbs: Verb.write };
  if (fence !== undefined) yield { name: fence.name, verbs: EITHER, either: true };
  if (method.service === ObjectService.typeName) yield* demandsOfArguments(method, request);
}

const COMMIT: Method = AtomicService.methods.commit as Method;
const OFFER: Method = HomeService.methods.offer as Method;
const BACKUP: Method = HomeService.methods.backup as Method;

/** The methods of the steps of a batch, by the names of their fields. */
const STEPS = {
  dict: DictService.methods.open,
  list: ListService.methods.open,
  queue: QueueService.methods.open,
  value: ValueService.methods.open,
  dictSet: DictService.methods.set,
  dictDelete: DictService.methods.delete,
  dictAdd: DictService.methods.add,
  dictAddMany: DictService.methods.addMany,
  listPush: ListService.methods.push,
  queuePut: QueueService.methods.put,
  valueSet: ValueService.methods.set,
  valueAdd: ValueService.methods.add,
} satisfies Record<keyof AtomicOpening | keyof AtomicOperation, unknown>;

function* demandsOfBatch({ checks, operations, openings }: AtomicServiceCommitRequest): Generator<Demand> {
  for (const { name } of checks) yield { name, verbs: Verb.read };
  for (const step of [...operations, ...openings]) {
    for (const [field, request] of Object.entries(step)) if (request !== undefined) yield* demandsOf(STEPS[field as keyof typeof STEPS] as Method, request);
  }
}

/** The home of an object can do as it likes with it, and the manager makes the calls of a backup. */
function* demandsOfHome(calls: readonly HomeRequest[]): Generator<Demand> {
  for (const { method: name, request: bytes } of calls) {
    const method = methodNamed(name);
    // The engine refuses it.
    if (method === undefined) continue;
    const request = decodeMessage(method.input, bytes);
    yield { name: (request as Mentions).name, verbs: EITHER };
    yield* demandsOf(method, request);
  }
}

/** References among the arguments of users' code become instances, with which that code can do everything. */
function demandsOfArguments({ input }: Method, request: unknown): Demand[] {
  const demands: Demand[] = [];
  input.payloads?.(request, (value) => {
    for (const { name } of referencesIn(value)) demands.push({ name, verbs: EITHER });
  });
  return demands;
}
