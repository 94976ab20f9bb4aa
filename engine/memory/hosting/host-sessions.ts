import type { CallContext, Caller, Handler } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError, OptionsConflictError } from '../../../proto/errors.js';
import type { HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { isOpener, kindOf, methodNamed, openerOf } from '../../../proto/methods.js';
import { isThenable } from '../../../proto/thenable.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Method } from '../../../proto/wire/codec.js';
import { decodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { Session } from '../../core/session.js';
import type { Restoring } from '../../core/restoring.js';
import { sortedPairs } from '../../core/state.js';
import { Expiries } from '../lifetime/expiries.js';
import type { ForwardedCall } from './forwarded-call.js';
import { ForwardedObject, describeHome } from './forwarded-object.js';
import { HostSession } from './host-session.js';
import { missing } from '../../core/missing.js';
import { type OpenRequestBase, type Keyspace, type SharedObject } from '../lifetime/keyspace.js';
import type { EngineLimits } from '../../core/limits.js';
import type { System } from '../../core/system.js';

/** Time for which calls on an object that ended with its home get the reason, in milliseconds. */
const REMEMBERED_MS = 60_000;

/** The sessions that are homes, and the objects that they hold. */
export class HostSessions implements Stateful {
  /** Writes the forwarded requests. */
  readonly writer = new Writer();
  readonly #homes = new Map<Caller, HostSession>();
  /** Reasons why objects ended with their homes, by name. */
  readonly #endReasons = new Map<string, string>();
  /** The session that runs backups. */
  readonly #restorer: Session;
  readonly #reasonExpiries: Expiries<string>;

  constructor(
    readonly keyspace: Keyspace,
    private readonly system: System,
    readonly limits: Readonly<EngineLimits>,
    /** Returns the handler of the engine for a method, which does not keep what the answer refers to. */
    readonly handler: (method: Method) => Handler | undefined,
  ) {
    this.#restorer = new Session('', { label: 'a backup' });
    this.#reasonExpiries = new Expiries(system.clock, (name) => this.#endReasons.delete(name));
  }

  /** The homes in the order in which searches go through them. */
  state() {
    return {
      homes: Array.from(this.#homes, ([{ id }, home]) => [id, home.state()] as const),
      endReasons: sortedPairs([...this.#endReasons]),
      expiries: this.#reasonExpiries.state((name) => name),
    };
  }

  /** Makes the sessions homes again, before the objects in them are restored. */
  restoreHomes({ homes }: StateOf<HostSessions>, restoring: Restoring): void {
    for (const [id] of homes) this.open(restoring.caller(id));
  }

  restore({ homes, endReasons, expiries }: StateOf<HostSessions>, restoring: Restoring): void {
    for (const [id, state] of homes) this.open(restoring.caller(id)).restore(state, restoring, this.keyspace);
    for (const [name, reason] of endReasons) this.#endReasons.set(name, reason);
    this.#reasonExpiries.restore(expiries, restoring, (name) => name);
  }

  /** True while the manager itself waits for an answer of a home. */
  get asked(): boolean {
    return [...this.all].some((home) => home.asked);
  }

  /** All sessions that are homes. */
  get all(): Iterable<HostSession> {
    return this.#homes.values();
  }

  /** True if there is a home, or an object ended with its home lately. */
  get any(): boolean {
    return this.#homes.size > 0 || this.#endReasons.size > 0;
  }

  /** Returns the object of that name if another process holds it. Throws if the object ended with its home. */
  get(name: string): ForwardedObject | undefined {
    if (this.#endReasons.has(name)) throw this.missing(name);
    const object = this.keyspace.get(name);
    return object instanceof ForwardedObject ? object : undefined;
  }

  /** Returns the object of that name that another process held lately, if the name is free now. */
  tombstone(name: string): ForwardedObject | undefined {
    if (this.keyspace.get(name) !== undefined) return undefined;
    for (const { tombstones } of this.all) if (tombstones.get(name) !== undefined) return tombstones.get(name);
    return undefined;
  }

  /** The error for a call on an object that does not exist. */
  missing(name: string): NotFoundError {
    const reason = this.#endReasons.get(name);
    return reason === undefined ? missing(name) : new NotFoundError(reason, { object: name });
  }

  /** Forgets that an object of that name ended with its home. */
  forget(name: string): void {
    if (this.#endReasons.delete(name)) this.#reasonExpiries.delete(name);
  }

  /** Makes a session a home, if it is none yet. */
  open(session: Caller): HostSession {
    if (session.id === '') throw new InvalidArgumentError('a unary call cannot be a home: objects are at home in a session');
    let home = this.#homes.get(session);
    if (home === undefined) {
      home = new HostSession(session, this.system, this.limits, (ended) => this.end(ended));
      this.#homes.set(session, home);
      session.holds.add(home);
    }
    return home;
  }

  /** Returns the home of a session, if it is one. */
  find(session: Caller): HostSession | undefined {
    return this.#homes.get(session);
  }

  /** Makes the session of a call the home of an object. Returns true if the object is new. */
  offer({ method: methodName, request }: HomeRequest, context: CallContext): boolean {
    const method = methodNamed(methodName);
    if (method === undefined || !isOpener(method)) {
      throw new InvalidArgumentError(`"${methodName}" opens no object: give an Open, as "commonhold.v1.ValueService/Open"`);
    }
    const creation = decodeMessage(method.input, request) as OpenRequestBase;
    const kind = kindOf(method);
    const make = (name: string): ForwardedObject => new ForwardedObject(name, kind, this.open(context.session));
    const { object, created } = this.keyspace.create<SharedObject>({ kind, make }, creation, context);
    if (!isAtHomeIn(object, context.session)) throw held(object);
    this.forget(object.name);
    object.link.objects.add(object);
    return created;
  }

  /** Ends an object that ended in its home. Returns false if this session is not its home. */
  withdraw(name: string, session: Caller): boolean {
    const object = this.#objectOf(session, name);
    if (object === undefined) return false;
    object.link.objects.delete(object);
    return this.keyspace.destroy(name, '');
  }

  /** Keeps the calls that make the object again, if its home ends. */
  backUp(name: string, calls: readonly HomeRequest[], session: Caller): void {
    const object = this.#objectOf(session, name);
    if (object === undefined) throw new NotFoundError(`this session is not the home of "${name}": offer it first`, { object: name });
    for (const { method } of calls) {
      if (methodNamed(method) === undefined)
        throw new InvalidArgumentError(`"${method}" is not a method of the contract`, { object: name });
    }
    // Copied, because the bytes are views of a frame.
    object.keepBackup(calls.map(({ method, request }) => ({ method, request: Uint8Array.from(request) })));
  }

  #objectOf(session: Caller, name: string): ForwardedObject | undefined {
    const object = this.keyspace.get(name);
    return isAtHomeIn(object, session) ? object : undefined;
  }

  /** Called when a home is gone. Objects with a backup continue in the manager with their unanswered calls. The others end. */
  end(home: HostSession): void {
    if (!this.#homes.delete(home.session)) return;
    home.session.holds.delete(home);
    const unanswered = home.end();
    const restored = new Set<ForwardedObject>();
    for (const object of home.objects) {
      home.objects.delete(object);
      if (this.#restore(object)) restored.add(object);
    }
    for (const { call, object } of unanswered) {
      if (object !== undefined && restored.has(object)) this.#resume(call);
      else call.fail(this.#ended(call, home, object));
    }
  }

  close(): void {
    this.#reasonExpiries.clear();
    for (const { tombstones } of this.all) tombstones.clear();
  }

  /** Makes an object in the manager from its backup. Ends it if there is no backup, or if the backup fails. */
  #restore(object: ForwardedObject): boolean {
    const { name, backup } = object;
    let reason = reasonOf(object, object.link);
    if (backup.length > 0) {
      try {
        this.keyspace.replace(object, () => {
          for (const { method, request } of backup) this.#run(methodNamed(method)!, request);
        });
        return true;
      } catch (error) {
        reason += `, and whose backup cannot be run: ${(error as Error).message}`;
      }
    }
    this.keyspace.destroy(name, '');
    this.#endReasons.set(name, reason);
    this.#reasonExpiries.set(name, REMEMBERED_MS);
    return false;
  }

  #run(method: Method, request: Uint8Array): void {
    const context: CallContext = { session: this.#restorer, readOnly: false, cancel: undefined, handOver() {} };
    const result = this.handler(method)?.(decodeMessage(method.input, request), context);
    if (!isThenable(result)) return;
    // The calls of a backup fill a new object, so none of them has a reason to wait.
    const waits = new InvalidArgumentError(`${method.name} waits`);
    context.cancel?.(waits);
    throw waits;
  }

  #resume(call: ForwardedCall): void {
    call.resume((method, request, context) => this.handler(method)?.(request, context), openerOf(call.method));
  }

  #ended(call: ForwardedCall, home: HostSession, object: ForwardedObject | undefined): NotFoundError {
    const mayHaveExecuted = call.sent && call.method.idempotency !== 'read';
    return new NotFoundError(object === undefined ? `${describeHome(home.about)} ended` : reasonOf(object, home), {
      object: object?.name,
      method: call.method.name,
      mayHaveExecuted,
    });
  }
}

function isAtHomeIn(object: SharedObject | undefined, session: Caller): object is ForwardedObject {
  return object instanceof ForwardedObject && object.link.session === session;
}

function reasonOf({ name }: ForwardedObject, { about }: Pick<HostSession, 'about'>): string {
  return `"${name}" was at home in ${describeHome(about)}, which ended`;
}

/** The error for an offer of an object that the manager or another home holds. */
function held({ kind, name, home }: SharedObject): OptionsConflictError {
  const where = home === undefined ? 'held by the manager' : `at home in ${describeHome(home)}`;
  return new OptionsConflictError(`the ${kind} "${name}" is ${where}: use it as it is, without a home here, or destroy it first`, {
    object: name,
  });
}
