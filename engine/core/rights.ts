import { referencesIn } from '../../proto/codec/references.js';
import type { CallerRights } from '../../proto/contract.js';
import { PermissionDeniedError } from '../../proto/errors.js';
import {
  AtomicService,
  type AtomicOpening,
  type AtomicOperation,
  type AtomicServiceCommitRequest,
} from '../../proto/gen/commonhold/v1/atomic_wire.js';
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
import { visitMentions } from './mentions.js';
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
const BOTH = Verb.read | Verb.write;
/** Number of names of which the rights are known without looking through the patterns. */
const KNOWN_NAMES = 1000;

/** The rights of the sessions and calls of a token that does not have all of them. */
export class LimitedRights implements CallerRights {
  readonly #grants: readonly { readonly matches: (name: string) => boolean; readonly verbs: number }[];
  readonly #known = new Map<string, number>();
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
    let verbs = this.#known.get(name);
    if (verbs === undefined) {
      verbs = this.#grants.reduce((sum, { matches, verbs }) => (matches(name) ? sum | verbs : sum), 0);
      if (this.#known.size >= KNOWN_NAMES) this.#known.clear();
      this.#known.set(name, verbs);
    }
    return verbs;
  }
}

/** Checks that a caller may make a call: that it has the rights which the call needs on each object. @throws PermissionDeniedError */
export function assertAllowed(rights: CallerRights, method: Method, request: unknown): void {
  if (method === COMMIT) assertBatch(rights, request as AtomicServiceCommitRequest);
  else if (method === OFFER) assertHome(rights, [(request as { open: HomeRequest }).open]);
  else if (method.verbs !== 0) assertRequest(rights, method, request);
  if (method === BACKUP) assertHome(rights, (request as { calls: HomeRequest[] }).calls);
}

const COMMIT: Method = AtomicService.methods.commit;
const OFFER: Method = HomeService.methods.offer;
const BACKUP: Method = HomeService.methods.backup;

/** Checks that a caller may make an object of a name. @throws PermissionDeniedError */
export function assertMayCreate(rights: CallerRights, name: string): void {
  assertAll(rights, name, Verb.write);
}

/** Checks that a caller may change an object that its request does not name. @throws PermissionDeniedError */
export function assertMayWrite(rights: CallerRights, name: string): void {
  assertAll(rights, name, Verb.write);
}

/** Returns true if a caller may know that an object exists. */
export function mayRead(rights: CallerRights | undefined, name: string): boolean {
  return rights === undefined || (rights.on(name) & Verb.read) !== 0;
}

function assertRequest(rights: CallerRights, method: Method, request: unknown): void {
  let named = false;
  visitMentions(request, (name, role) => {
    named = true;
    if (role === 'own' && !isOpener(method)) assertAll(rights, name, method.verbs, method);
    else if (role === 'other') assertAll(rights, name, Verb.read, method);
    else if (role === 'lock' || role === 'deadLetter') assertAll(rights, name, Verb.write, method);
    // An object that is there can be opened by any right: if it is not, assertMayCreate follows.
    else assertAny(rights, name, method);
  });
  if (!named) assertAll(rights, undefined, method.verbs, method);
  if (method.service === ObjectService.typeName) assertArguments(rights, method, request);
}

/** @param name undefined for all objects of the manager */
function assertAll(rights: CallerRights, name: string | undefined, verbs: number, method?: Method): void {
  const missing = verbs & ~(name === undefined ? rights.everywhere : rights.on(name));
  if (missing !== 0) throw denied(rights, name, missing, method);
}

function assertAny(rights: CallerRights, name: string, method: Method): void {
  if ((rights.on(name) & BOTH) === 0) throw denied(rights, name, BOTH, method);
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
  dictTouch: DictService.methods.touch,
  dictTtl: DictService.methods.ttl,
  listPush: ListService.methods.push,
  queuePut: QueueService.methods.put,
  valueSet: ValueService.methods.set,
  valueAdd: ValueService.methods.add,
} satisfies Record<keyof AtomicOpening | keyof AtomicOperation, unknown>;

function assertBatch(rights: CallerRights, { checks, operations, openings }: AtomicServiceCommitRequest): void {
  for (const { name } of checks) assertAll(rights, name, Verb.read, COMMIT);
  for (const step of [...operations, ...openings]) {
    for (const [field, request] of Object.entries(step))
      if (request !== undefined) assertAllowed(rights, STEPS[field as keyof typeof STEPS], request);
  }
}

/** The home of an object can do as it likes with it, and the manager makes the calls of a backup. */
function assertHome(rights: CallerRights, calls: readonly HomeRequest[]): void {
  for (const { method: name, request: bytes } of calls) {
    const method = methodNamed(name);
    // The engine refuses it.
    if (method === undefined) continue;
    // It makes no object again.
    if (method.service === HomeService.typeName) assertAll(rights, undefined, ALL, method);
    const request = decodeMessage(method.input, bytes);
    visitMentions(request, (name) => assertAll(rights, name, BOTH, method));
    assertAllowed(rights, method, request);
  }
}

/** References among the arguments of users' code become instances, with which that code can do everything. */
function assertArguments(rights: CallerRights, method: Method, request: unknown): void {
  method.input.payloads?.(request, (value) => {
    for (const { name } of referencesIn(value)) assertAll(rights, name, BOTH, method);
  });
}
