/** Limits of an engine. They change only between two turns: see the input `limited` of the machine. */
export interface EngineLimits {
  /** Maximum size of a message in bytes. */
  maxMessageBytes: number;
  /** Maximum number of changes of an object that are kept for its watchers. */
  watchHistory: number;
}

/** The limits of an engine by itself. */
export const USUAL_LIMITS: Readonly<EngineLimits> = { maxMessageBytes: Infinity, watchHistory: 10_000 };
