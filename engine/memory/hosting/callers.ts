import type { Caller, SessionResource } from '../../../proto/contract.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Restoring } from '../../core/restoring.js';
import type { HomeCaller } from '../../../proto/gen/commonhold/v1/home_wire.js';

interface Known extends SessionResource {
  readonly number: number;
}

/** The sessions that have called a home, by number. The home is told when one ends, because the session may hold locks or permits there. */
export class Callers implements Stateful {
  readonly #known = new Map<Caller, Known>();
  readonly #byNumber = new Map<number, Caller>();
  #last = 0;

  constructor(
    /** Id of the session that is the home. */
    readonly home: string,
    /** Called before the first call of a session. */
    readonly came: (caller: HomeCaller) => void,
    /** Called when a session ends that was announced by `came`. */
    readonly ended: (number: number, session: Caller) => void,
  ) {}

  state() {
    return { last: this.#last, known: Array.from(this.#byNumber, ([number, { id }]) => [number, id] as const) };
  }

  restore({ last, known }: StateOf<Callers>, restoring: Restoring): void {
    this.#last = last;
    for (const [number, id] of known) this.#know(restoring.caller(id), number);
  }

  /** Returns the number of a session. Gives it one on its first call. */
  numberOf(session: Caller): number {
    const known = this.#known.get(session);
    if (known !== undefined) return known.number;
    const number = ++this.#last;
    this.#know(session, number);
    this.came(describeCaller(number, session));
    return number;
  }

  #know(session: Caller, number: number): void {
    const abandon = (): void => {
      this.#known.delete(session);
      this.#byNumber.delete(number);
      this.ended(number, session);
    };
    const hold = { number, abandon, identity: () => ['caller of a home', this.home, number] };
    this.#known.set(session, hold);
    this.#byNumber.set(number, session);
    session.holds.add(hold);
  }

  get(number: number): Caller | undefined {
    return this.#byNumber.get(number);
  }

  /** Forgets all sessions, because the home is gone. */
  clear(): void {
    for (const [session, hold] of this.#known) session.holds.delete(hold);
    this.#known.clear();
    this.#byNumber.clear();
  }
}

/** Describes a caller for a home. */
export function describeCaller(number: number, { id, host, pid, label }: Caller): HomeCaller {
  return { number, sessionId: id, host, pid, label };
}
