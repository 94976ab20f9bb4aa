import type { Event, Semaphore, SharedDict, SharedList, SharedValue } from 'commonhold';

/** A bank as its tellers and auditors share it. */
export interface Bank {
  readonly names: readonly string[];
  readonly accounts: SharedDict<string, number>;
  /** Every transfer, in the order of their commits. */
  readonly ledger: SharedList<Transfer>;
  /** Number of transfers. */
  readonly count: SharedValue<number>;
  /** A permit for each teller, which it takes for a transfer. With all of them, an auditor is alone. */
  readonly desks: Semaphore;
  readonly tellers: number;
  /** Set to end the tellers. */
  readonly closing: Event;
}

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly teller: number;
}
