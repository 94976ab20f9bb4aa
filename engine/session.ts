import type { Caller, Hold } from '../proto/contract.js';

let unnamed = 0;

/** A client as the engine sees it: an identity that holds things until it ends. */
export class Session implements Caller {
  readonly holds = new Set<Hold>();
  readonly host: string;
  readonly pid: number;
  readonly label: string;

  constructor(
    readonly id: string,
    about: { host?: string; pid?: number; label?: string } = {},
    /** Tells the client that a hold ended by its lease. */
    readonly lost: (token: number) => void = () => {},
  ) {
    this.host = about.host ?? '';
    this.pid = about.pid ?? 0;
    this.label = about.label ?? '';
  }

  /** Releases all that is held. */
  end(): void {
    for (const hold of this.holds) hold.abandon();
    this.holds.clear();
  }
}

/** An identity that no client chose, for direct use in one process. */
export function localSession(label = ''): Session {
  return new Session(`local-${process.pid}-${++unnamed}`, { pid: process.pid, label });
}
