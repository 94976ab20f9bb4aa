import type { Event, SharedDict, SharedList, SharedValue } from 'commonhold';

/** A bank as its tellers and auditors share it. */
export interface Bank {
  readonly names: readonly string[];
  readonly accounts: SharedDict<string, number>;
  /** Every transfer, in the order they happened. */
  readonly ledger: SharedList<Transfer>;
  /** How many transfers there were. */
  readonly count: SharedValue<number>;
  /** Set when tellers may go home. */
  readonly closing: Event;
}

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly teller: number;
}
