import type { Caller, SessionResource } from '../../../proto/contract.js';
import { withoutAddresses } from '../../../proto/codec/references.js';
import type { Reference } from '../../../proto/codec/reference.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { ManagerServiceDumpResponse as DumpPage, UndumpedObject } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { Writer } from '../../../proto/wire/writer.js';
import type { EngineLimits } from '../../core/limits.js';
import { pageToken, parsePageToken } from '../../core/page.js';
import type { Restoring } from '../../core/restoring.js';
import { callerState } from '../../core/state.js';
import { isUndumped, type Captured } from './capture.js';
import { BESIDE_REQUEST, DumpSizes } from './dump-sizes.js';
import { callsOf } from './rebuild.js';

/** The dumps under way: at most one of each session. */
export class Dumps implements Stateful {
  readonly #open = new Map<Caller, Dump>();
  #count = 0;

  constructor(
    private readonly capture: () => readonly Captured[],
    private readonly limits: Readonly<EngineLimits>,
  ) {}

  state() {
    return { count: this.#count, open: Array.from(this.#open, ([owner, dump]) => [callerState(owner), dump.state()] as const) };
  }

  restore({ count, open }: StateOf<Dumps>, restoring: Restoring): void {
    this.#count = count;
    for (const [owner, { id, maxMessageBytes, page, at, given, objects }] of open) {
      this.#keep(restoring.caller(owner), new Dump(id, objects as unknown as Captured[], maxMessageBytes, page, at, given));
    }
  }

  /** Captures all objects, and returns the first page. A dump of the session before ends. */
  first(owner: Caller): DumpPage {
    if (owner.id === '') throw new InvalidArgumentError('a unary call cannot dump: the state of a dump is kept by a session');
    this.#drop(owner);
    const { maxMessageBytes } = this.limits;
    const sizes = new DumpSizes(maxMessageBytes);
    const objects = this.capture().map((captured) => sizes.fitting(captured));
    return this.#page(owner, new Dump(++this.#count, objects, maxMessageBytes));
  }

  /** @throws InvalidArgumentError for a page that was returned before, or if the dump has ended */
  next(token: string, owner: Caller): DumpPage {
    const [id, page] = parsePageToken(token)!;
    const dump = this.#open.get(owner);
    if (dump?.id === id && dump.page === page) return this.#page(owner, dump);
    throw new InvalidArgumentError('this page was returned already, or the dump has ended: begin again with an empty page token');
  }

  leave(token: string, owner: Caller): DumpPage {
    const [id] = parsePageToken(token) ?? [0];
    if (this.#open.get(owner)?.id === id) this.#drop(owner);
    return { calls: [], undumped: [], nextPageToken: '' };
  }

  #page(owner: Caller, dump: Dump): DumpPage {
    const page = dump.nextPage();
    if (page.nextPageToken === '') this.#drop(owner);
    else if (!this.#open.has(owner)) this.#keep(owner, dump);
    return page;
  }

  #keep(owner: Caller, dump: Dump): void {
    dump.abandon = () => this.#drop(owner);
    this.#open.set(owner, dump);
    owner.holds.add(dump);
  }

  #drop(owner: Caller): void {
    const dump = this.#open.get(owner);
    if (dump === undefined) return;
    this.#open.delete(owner);
    owner.holds.delete(dump);
  }
}

/** An object whose calls were all returned. */
type Returned = Pick<Captured, 'kind' | 'name'>;

/** A call, or an object that no calls can make, with the number of its object. */
interface DumpPart {
  readonly object: number;
  readonly call?: HomeRequest;
  readonly undumped?: UndumpedObject;
}

/** A state of all objects, and the place in it that was reached. */
class Dump implements SessionResource, Stateful {
  abandon = (): void => {};
  readonly #objects: (Captured | Returned)[];
  /** The object that was reached. The objects before it have no state any more. */
  #at: number;
  /** Number of its parts that were returned. */
  #given = 0;
  readonly #parts: Iterator<DumpPart, undefined>;
  /** The next part. */
  #next: DumpPart | undefined;
  #names: ReadonlyMap<string, string> | undefined;
  readonly #sizes: DumpSizes;

  constructor(
    readonly id: number,
    objects: readonly (Captured | Returned)[],
    /** The limit when it began, by which its pages are divided, also if another one is set. */
    private readonly maxMessageBytes: number,
    public page = 0,
    at = 0,
    given = 0,
  ) {
    this.#objects = [...objects];
    this.#at = at;
    this.#sizes = new DumpSizes(maxMessageBytes);
    this.#parts = this.#partsFrom(at);
    this.#next = this.#parts.next().value;
    while (this.#given < given) this.#take(this.#next!);
  }

  identity(): State {
    return ['dump', this.id];
  }

  state() {
    const { id, maxMessageBytes, page } = this;
    return { id, maxMessageBytes, page, at: this.#at, given: this.#given, objects: this.#objects.map((object): State => object) };
  }

  /** Returns the calls of a page. A large call is a page by itself. */
  nextPage(): DumpPage {
    const page: DumpPage = { calls: [], undumped: [], nextPageToken: '' };
    let bytes = 0;
    for (let part = this.#next; part !== undefined; part = this.#take(part)) {
      const { call, undumped } = part;
      const size = BESIDE_REQUEST + (call?.request.length ?? lengthOf(undumped!));
      if (bytes > 0 && bytes + size > this.#sizes.pageBytes) return { ...page, nextPageToken: pageToken(this.id, ++this.page) };
      bytes += size;
      if (call !== undefined) page.calls.push(call);
      if (undumped !== undefined) page.undumped.push(undumped);
    }
    return page;
  }

  /** Moves on from a part that was returned, and returns the next. */
  #take({ object }: DumpPart): DumpPart | undefined {
    for (; this.#at < object; this.#at++) {
      const reached = this.#objects[this.#at]!;
      // An undumped object has no state, and stays known as one.
      if (!isUndumped(reached)) this.#objects[this.#at] = { kind: reached.kind, name: reached.name };
      this.#given = 0;
    }
    this.#given++;
    return (this.#next = this.#parts.next().value);
  }

  *#partsFrom(first: number): Generator<DumpPart, undefined> {
    const writer = new LocalWriter((reference) => this.#isLocal(reference));
    for (let object = first; object < this.#objects.length; object++) {
      const captured = this.#objects[object] as Captured;
      if (isUndumped(captured)) {
        yield { object, undumped: captured };
        continue;
      }
      for (const call of callsOf(captured, writer, this.#sizes.portionBytes)) yield { object, call };
    }
    return undefined;
  }

  /** True for a reference to an object in the dump. */
  #isLocal({ kind, name }: Reference): boolean {
    this.#names ??= new Map(this.#objects.filter((object) => !isUndumped(object)).map(({ name, kind }) => [name, kind]));
    return this.#names.get(name) === kind;
  }
}

/** Returns at least the bytes of an object that is not in the dump. */
function lengthOf({ kind, name, reason }: UndumpedObject): number {
  return 3 * (kind.length + name.length + reason.length);
}

/** Writes references to the objects of the dump without the address of their manager, which may be another one when they are made again. */
class LocalWriter extends Writer {
  constructor(private readonly isLocal: (reference: Reference) => boolean) {
    super();
  }

  override payload(tag: number, value: Payload): void {
    super.payload(tag, withoutAddresses(value, this.isLocal));
  }
}
