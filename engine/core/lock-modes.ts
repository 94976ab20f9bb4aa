/** Names of the modes of a reader-writer lock, indexed by their numbers in the contract. */
export const LOCK_MODES = [undefined, 'read', 'write'] as const;

/** Mode of a reader-writer lock. */
export type LockMode = Exclude<(typeof LOCK_MODES)[number], undefined>;
