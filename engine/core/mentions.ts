/** The fields of requests that name objects. */
interface Mentions {
  readonly name?: string;
  /** In an operation on two sets. */
  readonly otherName?: string | undefined;
  /** In the `Open` request of a condition: the lock that it uses. */
  readonly lock?: string | undefined;
  readonly rlock?: string | undefined;
  readonly fence?: { readonly name: string } | undefined;
  readonly deadLetter?: { readonly queue: string } | undefined;
}

/** The part that an object has in a request: the object of the method, or a further one. */
export type Role = 'own' | 'other' | 'lock' | 'fence' | 'deadLetter';

/** Visits the objects that a request names, whatever its method. The steps of a batch are requests of their own. */
export function visitMentions(request: unknown, visit: (name: string, role: Role) => void): void {
  const { name, otherName, lock, rlock, fence, deadLetter } = request as Mentions;
  if (name !== undefined) visit(name, 'own');
  if (otherName !== undefined) visit(otherName, 'other');
  if (lock !== undefined) visit(lock, 'lock');
  if (rlock !== undefined) visit(rlock, 'lock');
  if (fence !== undefined) visit(fence.name, 'fence');
  if (deadLetter !== undefined) visit(deadLetter.queue, 'deadLetter');
}
