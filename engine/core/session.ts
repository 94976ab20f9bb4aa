import type { Caller, CallerRights, SessionResource } from '../../proto/contract.js';
import type { State } from '../../proto/state.js';
import { found } from './state.js';
import type { Warning } from '../../proto/gen/commonhold/v1/session_wire.js';

/** A client as the engine sees it: an identity that holds resources until it ends. */
export class Session implements Caller {
  readonly holds = new Set<SessionResource>();
  ended = false;
  rights: CallerRights | undefined;
  readonly host: string;
  readonly pid: number;
  readonly label: string;

  constructor(
    readonly id: string,
    about: { host?: string; pid?: number; label?: string } = {},
    /** Tells the client that a lease ended one of its holds. */
    readonly lost: (token: number) => void = () => {},
    /** Warns the client. */
    readonly warn: (warning: Warning) => void = () => {},
  ) {
    this.host = about.host ?? '';
    this.pid = about.pid ?? 0;
    this.label = about.label ?? '';
  }

  /** Abandons all holds, in a turn of the engine. */
  end(): void {
    abandonAll(this);
  }
}

/** Abandons everything that a session holds, in a turn of the engine. */
export function abandonAll(session: Caller): void {
  const { holds } = session;
  session.ended = true;
  // Newest first, so that items handed out in order return in order.
  for (const hold of [...holds].reverse()) if (holds.has(hold)) hold.abandon();
  holds.clear();
}

/** The state of a session: its client, and its resources in the order in which it got them, which is the reverse of the order of their end. */
export function sessionState({ id, host, pid, label, holds }: Caller) {
  return { id, host, pid, label, holds: Array.from(holds, (hold) => hold.identity()) };
}

/** Puts the resources of a session into the order of its state. */
export function restoreHolds({ holds }: Caller, identities: readonly State[]): void {
  const byIdentity = new Map(Array.from(holds, (hold) => [JSON.stringify(hold.identity()), hold]));
  holds.clear();
  for (const identity of identities) holds.add(found(byIdentity.get(JSON.stringify(identity)), JSON.stringify(identity)));
}
