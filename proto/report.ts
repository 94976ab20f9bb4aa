/** The report of a manager to the program that started it: its addresses, or why it failed. */
export type Report =
  | { addresses: readonly string[]; /** Where its socket is: a directory that ends with it. */ directory: string }
  | { error: string; /** The options were wrong. */ invalid: boolean };
