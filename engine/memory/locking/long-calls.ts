import type { CallContext, Handler } from '../../../proto/contract.js';
import { isOpener } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { Future } from '../../core/future.js';
import type { Steps } from '../../core/steps.js';
import type { System } from '../../core/system.js';
import type { Keyspace, SharedObject } from '../lifetime/keyspace.js';
import { namesIn } from '../lifetime/naming.js';

/** Work on present objects, which changes nothing. Its result makes a call short. */
export interface Preparation {
  readonly objects: readonly SharedObject[];
  readonly steps: Steps;
}

/**
 * Returns the work that goes before a call: its handler gets the result as `prepared`, and works without it if there is none. Undefined for a call
 * that is short anyway, or that its handler refuses.
 */
export type Prepare = (request: never) => Preparation | undefined;

/** A call in the lines of the objects that it names. */
interface QueuedCall {
  readonly names: ReadonlySet<string>;
  /** Runs the call, or begins to prepare it. */
  readonly begin: () => void;
  begun: boolean;
}

/**
 * Long calls, which are prepared in steps between which other clients are served. Their objects belong to them until they are over: other calls on
 * these wait, in the order in which they came. So the calls of a client have their effects in the order sent, and a long call has its effect in one
 * turn, on objects as they were when it began.
 */
export class LongCalls {
  /** The calls that name an object, in their order. Has only the objects of long calls, and of calls that wait for them. */
  readonly #lines = new Map<string, Set<QueuedCall>>();
  /** Number of preparations that are not over. */
  #running = 0;
  /** Names whose first calls may be able to begin. */
  readonly #freed: string[] = [];
  #beginning = false;

  constructor(
    private readonly keyspace: Pick<Keyspace, 'get'>,
    private readonly system: System,
  ) {}

  /** True while calls are prepared, or wait for that. */
  get any(): boolean {
    return this.#running > 0 || this.#lines.size > 0;
  }

  /** Makes a handler wait for long calls on its objects, and prepare its own. */
  dividing(method: Method, handler: Handler, prepare: Prepare | undefined): Handler {
    // An object that is there is opened at once: the call behind it waits, not its `Open`.
    if (isOpener(method)) return handler;
    return (request, context) => {
      const waits = this.#lines.size > 0 && namesIn(request).some((name) => this.#lines.has(name));
      const isLong = !waits && this.#preparation(prepare, request) !== undefined;
      return waits || isLong ? this.#enter(method, handler, prepare, request, context) : handler(request, context);
    };
  }

  #preparation(prepare: Prepare | undefined, request: unknown): Preparation | undefined {
    return this.system.divide === undefined ? undefined : prepare?.(request as never);
  }

  /** Puts a call into the lines of its objects. */
  #enter(method: Method, handler: Handler, prepare: Prepare | undefined, request: unknown, context: CallContext): unknown {
    const answer = new Future<unknown>(this.system.clock);
    const kept = toKeep(method, request);
    const run = (): void => {
      context.cancel = undefined;
      context.delayed = false;
      try {
        answer.resolve(handler(kept, context));
      } catch (error) {
        answer.reject(error);
      }
      this.#leave(call);
    };
    let preparation: Preparation | undefined;
    const begin = (): void => {
      preparation = this.#preparation(prepare, kept);
      if (preparation === undefined) run();
      else this.#prepare(preparation, context, run);
    };
    const call: QueuedCall = { names: new Set(namesIn(kept)), begin, begun: false };
    context.delayed = true;
    context.cancel = (reason) => {
      context.cancel = undefined;
      preparation?.steps.return(undefined);
      answer.reject(reason);
      this.#leave(call);
    };
    for (const name of call.names) this.#lines.set(name, (this.#lines.get(name) ?? new Set()).add(call));
    this.#beginIfFirst(call);
    return answer;
  }

  #prepare({ objects, steps }: Preparation, context: CallContext, run: () => void): void {
    let prepared: unknown;
    this.#running++;
    this.system.divide!(
      keeping(steps, (result) => (prepared = result)),
      () => {
        this.#running--;
        if (context.cancel === undefined) return;
        // The time of an object may be over, and another one in its place.
        if (objects.every((object) => this.keyspace.get(object.name) === object)) context.prepared = prepared;
        run();
        context.prepared = undefined;
      },
    );
  }

  #beginIfFirst(call: QueuedCall | undefined): void {
    if (call === undefined || call.begun) return;
    for (const name of call.names) if (first(this.#lines.get(name)) !== call) return;
    call.begun = true;
    call.begin();
  }

  /** Takes a call out of its lines, and begins the calls behind it, which may leave at once. */
  #leave(call: QueuedCall): void {
    for (const name of call.names) {
      const line = this.#lines.get(name)!;
      line.delete(call);
      if (line.size === 0) this.#lines.delete(name);
      else this.#freed.push(name);
    }
    if (this.#beginning) return;
    this.#beginning = true;
    for (let name = this.#freed.shift(); name !== undefined; name = this.#freed.shift()) this.#beginIfFirst(first(this.#lines.get(name)));
    this.#beginning = false;
  }
}

/** Part of a frame that its values need not have for the frame to be kept with them. */
const LARGEST_REST = 3 / 4;

/** Returns a request that does not keep a frame which is much larger: its values are views of it. */
function toKeep({ input }: Method, request: unknown): unknown {
  let bytes = 0;
  let frame = 0;
  input.payloads?.(request, (value) => {
    if (typeof value === 'string') return;
    bytes += value.length;
    frame = value.buffer.byteLength;
  });
  return bytes >= frame * (1 - LARGEST_REST) ? request : decodeMessage(input, encodeMessage(new Writer(), input, request));
}

function first(line: ReadonlySet<QueuedCall> | undefined): QueuedCall | undefined {
  return line?.values().next().value;
}

function* keeping(steps: Steps, keep: (result: unknown) => void): Steps<void> {
  keep(yield* steps);
}
