/** A part of the product that reads bytes of clients. */
export interface Target {
  /** Number of inputs of a round. */
  readonly inputs: number;
  /** Begins a round. Its seed decides all inputs, so that a round can be repeated. */
  begin(seed: number): Round | Promise<Round>;
  /** Ends everything that rounds share. */
  close?(): Promise<void>;
}

/** Inputs that are given to a target, one after the other. */
export interface Round {
  /** Makes the next input. */
  next(): Uint8Array;
  /** Gives an input to the target. @throws Error if the target does something that it must not do with any input */
  take(input: Uint8Array): void | Promise<void>;
  /** Checks the state that all inputs have led to. */
  end?(): void | Promise<void>;
}
