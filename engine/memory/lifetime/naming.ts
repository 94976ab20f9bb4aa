/** The fields of requests that name objects. */
interface Naming {
  readonly name?: string;
  /** In an operation on two sets. */
  readonly otherName?: string | undefined;
  /** In the `Open` request of a condition: the lock that it uses. */
  readonly lock?: string | undefined;
  readonly rlock?: string | undefined;
  readonly fence?: Naming | undefined;
  readonly deadLetter?: { readonly queue: string } | undefined;
  /** In a batch. */
  readonly checks?: readonly Naming[];
  readonly operations?: readonly Readonly<Record<string, Naming | undefined>>[];
  readonly openings?: readonly Readonly<Record<string, Naming | undefined>>[];
}

/** Returns the names of all objects that a request uses, whatever its method. */
export function namesIn(request: unknown): string[] {
  const { name, otherName, lock, rlock, fence, deadLetter, checks, operations = [], openings = [] } = request as Naming;
  const names = [name, otherName, lock, rlock, fence?.name, deadLetter?.queue].filter((each) => typeof each === 'string');
  for (const check of checks ?? []) names.push(...namesIn(check));
  for (const step of [...openings, ...operations]) {
    for (const part of Object.values(step)) if (part !== undefined) names.push(...namesIn(part));
  }
  return names;
}
