import { asManagerError } from '../../engine/calls.js';
import { Session } from '../../engine/session.js';
import type { CallContext, Engine } from '../../proto/contract.js';
import { ClosedError, UnimplementedError, type ManagerError } from '../../proto/errors.js';
import { HomeService, type HomeEvent } from '../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { decoded, encoded } from '../../proto/wire/bytes.js';
import type { Method } from '../../proto/wire/codec.js';
import { asItIs, nothing, type OpenRequest } from '../structure.js';
import type { Transport } from '../transport/transport.js';
import { AnswerBox } from './answers.js';
import { Guests } from './guests.js';

/** The call that opens an object. */
export interface Offer<R extends OpenRequest = OpenRequest> {
  readonly method: Method<R, { created: boolean }>;
  readonly request: R;
}

/** One of the calls that make an object anew. */
export interface BackupCall<I = never> {
  readonly method: Method<I>;
  readonly request: I;
}

/** What happens to objects at home here without this side's doing. */
export interface HomeEvents {
  /** Someone destroyed it, or its time to live is over. It is destroyed here too. */
  destroyed?(name: string): void;
  /**
   * It is no longer at home here for others: the session ended, and the object could not be offered in the
   * next one, as the manager went on with its backup, or is not there. Here it goes on.
   */
  cutOff?(name: string, reason: ManagerError): void;
}

/** The calls of this side never keep the program alive. */
const BACKGROUND = { background: true } as const;

/**
 * Makes the objects of an engine in this process accessible to all clients of a manager: it offers them, runs
 * on the engine what others call, and answers. Calls that wait hold up nothing. When the session is lost, what
 * others held here is released, and the objects are offered again in the next one.
 */
export class HomeAgent implements AsyncDisposable {
  readonly #offers = new Map<string, Offer>();
  /** Who opens and destroys here on the manager's behalf. */
  readonly #self = new Session('home', { pid: process.pid, label: 'home' });
  readonly #answers: AnswerBox;
  #guests: Guests;
  readonly #stop = new AbortController();
  #running = false;

  constructor(
    readonly transport: Transport,
    readonly engine: Engine,
    readonly events: HomeEvents = {},
  ) {
    this.#answers = new AnswerBox((request) => transport.call(HomeService.methods.answer, request, nothing, BACKGROUND));
    this.#guests = new Guests(engine, this.#answers);
  }
}
