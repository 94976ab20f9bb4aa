/** What a manager tells the program it belongs to: where it listens, or why it does not. */
export type Report =
  | { addresses: readonly string[]; /** Where its socket is: a directory that ends with it. */ directory: string }
  | { error: string; /** The options were wrong. */ invalid: boolean };
