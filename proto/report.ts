/** What a manager tells the program it belongs to: where it listens, or why it does not. */
export type Report = { addresses: readonly string[] } | { error: string; /** The options were wrong. */ invalid: boolean };
