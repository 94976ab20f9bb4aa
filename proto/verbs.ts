/** Rights of a token on objects, as bits of a set. 0: none. */
export const Verb = { read: 1, write: 2, admin: 4 } as const;

/** Name of a right. */
export type VerbName = keyof typeof Verb;

/** Returns the names of a set of rights, in order. */
export function verbNames(verbs: number): VerbName[] {
  return (Object.keys(Verb) as VerbName[]).filter((name) => (verbs & Verb[name]) !== 0);
}
