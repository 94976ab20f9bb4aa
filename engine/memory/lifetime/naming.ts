/** What requests have that name objects, beside their `name`. */
interface Naming {
  readonly name?: string;
  /** Of an operation on two sets. */
  readonly otherName?: string | undefined;
  /** Of a condition: the lock that it shares. */
  readonly lock?: string | undefined;
  readonly rlock?: string | undefined;
  readonly fence?: Naming | undefined;
  readonly deadLetter?: { readonly queue: string } | undefined;
  /** Of a batch. */
  readonly checks?: readonly Naming[];
  readonly operations?: readonly Readonly<Record<string, Naming | undefined>>[];
  readonly openings?: readonly Readonly<Record<string, Naming | undefined>>[];
}

/** The names of all objects that a request is about, whatever its method; none for one that is about none. */
export function namesIn(request: unknown): string[] {
  const { name, otherName, lock, rlock, fence, deadLetter, checks, operations = [], openings = [] } = request as Naming;
  const names = [name, otherName, lock, rlock, fence?.name, deadLetter?.queue].filter((each) => typeof each === 'string');
  for (const check of checks ?? []) names.push(...namesIn(check));
  for (const step of [...openings, ...operations]) {
    for (const part of Object.values(step)) if (part !== undefined) names.push(...namesIn(part));
  }
  return names;
}
