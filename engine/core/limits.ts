/** Limits of an engine. They change only between two turns: see the input `limited` of the machine. */
export interface EngineLimits {
  /** Maximum size of a message in bytes. */
  maxMessageBytes: number;
  /** Maximum number of changes of an object that are kept for its watchers. */
  watchHistory: number;
  /** Maximum of the bytes that {@link Use} counts. */
  maxMemory: number;
  /** Maximum number of objects. */
  maxObjects: number;
  /** Maximum number of calls that wait, of all clients together. */
  maxWaiting: number;
}

/** The limits of an engine by itself. */
export const USUAL_LIMITS: Readonly<EngineLimits> = {
  maxMessageBytes: Infinity,
  watchHistory: 10_000,
  maxMemory: Infinity,
  maxObjects: Infinity,
  maxWaiting: Infinity,
};
