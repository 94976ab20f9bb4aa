import type { Caller, SessionResource } from '../../../proto/contract.js';
import type { HomeCaller } from '../../../proto/gen/commonhold/v1/home_wire.js';

interface Known extends SessionResource {
  readonly number: number;
}

/** The sessions that a home knows, by numbers. It is told when one ends, as it may hold things there. */
export class Callers {
  readonly #known = new Map<Caller, Known>();
  readonly #byNumber = new Map<number, Caller>();
  #last = 0;

  constructor(
    /** Told of a session before its first call. */
    readonly came: (caller: HomeCaller) => void,
    /** Told of the end of a session that came. */
    readonly ended: (number: number, session: Caller) => void,
  ) {}

  /** The number of a session. */
  numberOf(session: Caller): number {
    const known = this.#known.get(session);
    if (known !== undefined) return known.number;
    const number = ++this.#last;
    const abandon = (): void => {
      this.#known.delete(session);
      this.#byNumber.delete(number);
      this.ended(number, session);
    };
    const hold = { number, abandon };
    this.#known.set(session, hold);
    this.#byNumber.set(number, session);
    session.holds.add(hold);
    this.came(describeCaller(number, session));
    return number;
  }

  get(number: number): Caller | undefined {
    return this.#byNumber.get(number);
  }

  /** The home is gone: it is told of nobody any more. */
  clear(): void {
    for (const [session, hold] of this.#known) session.holds.delete(hold);
    this.#known.clear();
    this.#byNumber.clear();
  }
}

/** Who calls, as a home is told. */
export function describeCaller(number: number, { id, host, pid, label }: Caller): HomeCaller {
  return { number, sessionId: id, host, pid, label };
}
